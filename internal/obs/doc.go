// Package obs owns how the gateway is observed: its log lines, its metrics, and
// the type that keeps a secret out of both.
//
// A logger and a registry are given to whoever uses them; nothing here is
// global. What may be said of a document in a log line or a metric is its
// digest, its code and its route, never what stands in it.
package obs
