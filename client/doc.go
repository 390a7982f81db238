// Package client owns the Go client of Accord's HTTP API (api.md). The command
// line and the exchange between gateways use it.
//
// A Client signs its own bearer tokens with an auth key and renews them before
// they expire. What a retry can help (429, 502, 503, 504, a lost connection) it
// sends again, the same bytes, with back-off and not before the Retry-After of
// the answer; never another 4xx, never after the time was up. It never repeats
// a call that could do something twice: a submission is identified by its
// content, so sending the same bytes again is safe, and what is not is marked
// ([Request.Once]). It follows no redirect, reads no answer without an end, and
// returns problem documents as *Problem.
package client
