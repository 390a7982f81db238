// Package client owns the Go client of Accord's HTTP API (api.md). The command
// line and the exchange between gateways use it.
//
// A Client signs its own bearer tokens with an auth key, renews them before
// they expire, retries what a retry can help (429, 503, a lost connection) with
// back-off, and returns problem documents as *Problem. It never repeats a call
// that could do something twice: a submission is identified by its content, so
// sending the same bytes again is safe.
package client
