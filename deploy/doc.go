// Package deploy owns how a gateway is put into operation: a container image,
// two compose files, units of systemd, rules for Prometheus. It has no code of
// its own but the probe of the image (deploy/ready).
//
// Its tests hold these files and docs/operations.md against the program: each
// command, flag, configuration key, variable, metric and error code that they
// name exists, and the home that the units describe is served.
package deploy
