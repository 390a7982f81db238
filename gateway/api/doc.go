// Package api is the HTTP face of the gateway (api.md): it reads a request
// into a value once, calls one use case, and writes one response. No domain
// decision is made here.
//
//	request ──► limits ──► caller ──► handler (parse, one use case) ──► answer
//	                                        │
//	                                      fault ──► problem document (RFC 9457)
//
// Routes are registered in Server.Handler only; each stands in openapi.yaml and
// a test compares the two. One file holds one family of endpoints.
package api
