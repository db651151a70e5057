#!/usr/bin/env bash
# Makes the certificates of the TLS tests; run it only to change them. They are worth nothing outside these tests.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"

authority() { # name
  openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 36500 -subj "/CN=$1" -keyout "$1.key" -out "$1.pem"
}

certificate() { # name, subject alternative names
  openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj "/CN=$1" -keyout "$1.key" -out "$1.csr"
  openssl x509 -req -in "$1.csr" -CA authority.pem -CAkey authority.key -CAcreateserial -days 36500 -out "$1.pem" \
    -extfile <(printf 'subjectAltName=%s' "$2")
  rm "$1.csr"
}

authority authority
authority stranger
certificate server 'DNS:localhost,DNS:sip.example.com,IP:127.0.0.1,IP:::1'
certificate renewed 'DNS:localhost,IP:127.0.0.1'
certificate elsewhere 'DNS:elsewhere.example.com'
certificate client 'DNS:client.example.com'
rm -f authority.srl authority.key stranger.key
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 36500 -subj /CN=stranger-client \
  -keyout stranger-client.key -out stranger-client.pem
