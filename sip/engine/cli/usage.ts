/** What `--help` prints; `read-options.ts` reads exactly these. */
export const usage = `Runs the SIP engine alone. Applications using drachtio-srf connect to it as to drachtio-server.

  npm run engine -- --sip udp/192.0.2.1:5060 --sip tcp/192.0.2.1:5060 --secret-file secret

Listening
  --sip <protocol>/<address>:<port>   udp, tcp or tls; IPv6 as udp/[2001:db8::1]:5060, 0.0.0.0 or [::] for all,
                                      port 0 for a free one. May be repeated. Needed.
  --external-ip <address>             what peers are told in Via and Contact, behind NAT
  --local-net <network>               peers there, e.g. 10.0.0.0/8, see our own address instead. May be repeated.
  --control <address>:<port>          where applications connect (127.0.0.1:9022)

Secret of the applications: one of
  --secret-file <file>                its first line
  --secret <secret>                   visible to all in the list of processes
  DRACHTIO_SECRET                     in the environment

TLS: needed with --sip tls/…
  --tls-cert <file>                   PEM, our certificate and those that lead to its authority
  --tls-key <file>                    PEM; renewed files are taken over within seconds
  --tls-authorities <file>            PEM, whom to trust instead of the authorities everybody trusts
  --tls-clients <no|optional|required>  whether callers must show a certificate (no)
  --dangerously-accept-any-server     call servers whoever they are: for laboratories

Behaviour
  --t1, --t2, --t4 <ms>               timers of RFC 3261 (500, 4000, 5000)
  --udp-max-request <bytes>           longer requests go by TCP first, e.g. 1300 (never)
  --no-nat-aid                        believe the Contact of peers behind NAT
  --no-strict-order                   let re-INVITEs overlap and CSeq run backwards
  --trace <text>                      log the messages of calls in which the text occurs
  --log-level <level>                 debug, info, warn or error (info), written to stderr
  --help                              this text

Signals: SIGTERM and SIGINT stop, SIGUSR2 prints figures as a line of JSON, SIGHUP reads the certificate again.
Exit codes: 0 stopped, 1 could not start or broke, 2 the command line cannot be used.
`;
