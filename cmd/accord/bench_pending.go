package main

// benchCmd is the load generator.
type benchCmd struct{}
