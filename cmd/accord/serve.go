package main

import (
	"log/slog"
	"os"
	"runtime/debug"

	"accord/configs"
	"accord/internal/fault"
	"accord/internal/obs"
)

// serveCmd runs a gateway.
type serveCmd struct {
	Listen string `help:"Address to listen on, in place of the configuration's." placeholder:"ADDR"`
}

// Help shows an example.
func (serveCmd) Help() string {
	return help{
		about:    "It runs until Ctrl-C or SIGTERM. Its log goes to standard error; nothing is written to standard output. Exit status 4 says that it cannot serve, and the code why: archive.in_use, archive.unreachable, archive.failed (a write or sync of the log failed) or ledger.fork (the log contradicts what was signed before).",
		examples: []string{"accord serve --home ./cn", "accord serve --home ./cn --listen 127.0.0.1:8081"},
	}.String()
}

// Run serves until it is interrupted.
func (c *serveCmd) Run(e *env) error {
	cfg, err := home(e.home).config()
	if err != nil {
		return err
	}
	limitMemory(cfg.Limits().MemoryMiB)
	if cfg.LogFormat() == obs.FormatJSON {
		e.format = "json" // whoever collects the lines reads the last one too
	}
	log := obs.NewLogger(e.stderr, cfg.LogFormat(), cfg.LogLevel())
	a, err := NewApp(e.ctx, home(e.home), c.Listen, log)
	if err != nil {
		return err
	}
	c.ready(e, cfg, a)
	c.sealed(e, cfg, a)
	err = a.Run(e.ctx)
	if closeErr := a.Close(); err == nil {
		return closeErr
	}
	if fault.CodeOf(err) == fault.Internal {
		err = fault.Wrap(err, fault.HTTPUnavailable, "the gateway cannot serve any more")
	}
	return err
}

// ready says where the gateway listens: in the form of its log, whatever the
// least level of that.
func (serveCmd) ready(e *env, cfg *configs.Config, a *App) {
	ops := a.OpsURL()
	if cfg.LogFormat() == obs.FormatJSON {
		obs.NewLogger(e.stderr, obs.FormatJSON, slog.LevelInfo).Info("ready",
			slog.String("name", cfg.Name()), slog.String("url", a.URL()), slog.String("issuer", cfg.Issuer()), slog.String("ops_url", ops))
		return
	}
	e.notef("accord: %s is ready at %s (issuer %s)\n", cfg.Name(), a.URL(), cfg.Issuer())
	if ops != "" {
		e.notef("accord: metrics are at %s/metrics, profiles at %s/debug/pprof/\n", ops, ops)
	}
}

// sealed says that nothing can be sent here any more, and where it can.
func (serveCmd) sealed(e *env, cfg *configs.Config, a *App) {
	if err := a.archive.Ready(); fault.CodeOf(err) != fault.LedgerFork {
		return
	}
	to := "it was closed for good"
	if m, err := readMark(home(e.home)); err == nil && m.To != "" {
		to = "it goes on in " + m.To + ": set archive to that"
	}
	if cfg.LogFormat() == obs.FormatJSON {
		obs.NewLogger(e.stderr, obs.FormatJSON, slog.LevelInfo).Warn("the log is sealed", slog.String("archive", cfg.Archive().String()), slog.String("advice", to))
		return
	}
	e.notef("accord: the log in %s is sealed and only read; %s\n", cfg.Archive(), to)
}

// collectAt is how much the heap may grow between two collections, in percent
// of what is in use, as long as it is below the limit.
const collectAt = 300

// limitMemory lets the collector work rarely below a limit and hard near it.
// What the environment says goes before the configuration.
func limitMemory(mib int) {
	if mib == 0 || os.Getenv("GOMEMLIMIT") != "" || os.Getenv("GOGC") != "" {
		return
	}
	debug.SetGCPercent(collectAt)
	debug.SetMemoryLimit(int64(mib) << 20)
}
