import type { AddressInfo } from 'node:net';
import express from 'express';

const app = express();
app.get('/nothing', (_req, res) => {
  res.json({ status: 'nothing' });
});
const server = app.listen(0, '127.0.0.1', () => {
  process.send?.({ httpPort: (server.address() as AddressInfo).port });
});
process.once('disconnect', () => process.exit());
