/** The application broke the control protocol; closes its connection, never the engine. */
export class ControlProtocolError extends Error {
  override readonly name = 'ControlProtocolError';
}
