// Package safehttp owns calls that go out to hosts which others name: the one
// door through which DID documents and status lists are fetched.
//
// A call goes to https, to a host that the caller allows, on a public address; it
// follows no redirect, is bounded in time and size, and carries no credential of
// ours. Where it may go by name is the caller's list (the partner record); where
// it may go by address is decided when the connection is made, after the name was
// resolved (code.dny.dev/ssrf), so that a name cannot lead inside.
package safehttp
