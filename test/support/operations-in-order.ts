/** All operations, none of them urgent: they run in the order in which they are asked for. */
export { operations } from '../../src/operations.ts';
