/** A call of the same caller that a buyer answered: what repeat-caller and duplicate rules look at (semantics §6). */
export interface EarlierCall {
  readonly campaignId: string;
  readonly buyerId: string;
  readonly answeredAt: number;
  readonly converted: boolean;
}
