package main

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/http/pprof"
	"os"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"accord/attestation"
	"accord/configs"
	"accord/gateway"
	"accord/gateway/api"
	"accord/internal/fault"
	"accord/internal/obs"
	"accord/ledger"
	"accord/signing"
	"accord/storage"
)

// shutdownTime is how long requests in flight may take to end at a stop.
const shutdownTime = 10 * time.Second

// App is a running gateway: New opens everything, Run serves until the context
// ends, Close gives everything back.
type App struct {
	cfg     *configs.Config
	home    home
	log     *slog.Logger
	metrics *obs.Metrics
	reg     *prometheus.Registry
	archive *storage.Archive
	audit   *gateway.Audit
	gateway *gateway.Gateway
	api     *api.Server

	listener net.Listener
	ops      net.Listener // metrics and profiles; nil where the configuration has none
	fatal    chan error
}

// NewApp opens the gateway of a home. Listen, where not empty, takes the place
// of the configuration's address.
func NewApp(ctx context.Context, h home, listen string, log *slog.Logger) (*App, error) {
	return newApp(ctx, h, listen, log, nil)
}

// newApp is NewApp with a log that is wrapped: tests break it to see that
// their checks would notice.
func newApp(ctx context.Context, h home, listen string, log *slog.Logger, wrap func(storage.Log) storage.Log) (*App, error) {
	cfg, err := h.config()
	if err != nil {
		return nil, err
	}
	reg := prometheus.NewRegistry()
	a := &App{cfg: cfg, home: h, log: log, reg: reg, metrics: obs.NewMetrics(reg), fatal: make(chan error, 1)}
	if err := a.open(ctx, listen, wrap); err != nil {
		return nil, errors.Join(err, a.Close())
	}
	return a, nil
}

func (a *App) open(ctx context.Context, listen string, wrap func(storage.Log) storage.Log) error {
	var err error
	note, err := a.home.noteSigner(a.cfg)
	if err != nil {
		return err
	}
	if a.archive, err = openArchive(ctx, a.home, a.cfg, note, a.log, func(err error) { a.fatal <- err }, wrap); err != nil {
		return err
	}
	if a.audit, err = gateway.OpenAudit(a.home.path("audit.ndjson")); err != nil {
		return err
	}
	conf, err := gatewayConfig(a.home, a.cfg, note, a.log)
	if err != nil {
		return err
	}
	if a.gateway, err = gateway.New(ctx, conf, a.archive, a.audit); err != nil {
		return err
	}
	l := a.cfg.Limits()
	a.api = api.New(a.gateway, a.log, a.metrics, api.Limits{
		InFlight: l.InFlight, PartnerRate: l.PartnerRate, PartnerBurst: l.PartnerBurst, PublicRate: l.PublicRate, PublicBurst: l.PublicBurst,
		Proxies: a.cfg.Proxies(),
	})
	if listen == "" {
		listen = a.cfg.Listen()
	}
	if a.listener, err = net.Listen("tcp", listen); err != nil {
		return usageError(fmt.Sprintf("cannot listen on %s: %v; name another address with --listen", listen, err))
	}
	if addr := a.cfg.OpsListen(); addr != "" {
		if a.ops, err = net.Listen("tcp", addr); err != nil {
			return usageError(fmt.Sprintf("cannot listen on %s for metrics: %v; set ops_listen in accord.yaml, or take it out", addr, err))
		}
	}
	if err := a.home.spendClock(); err != nil {
		return err
	}
	a.metrics.Ready(true)
	return nil
}

// OpsURL returns where metrics and profiles are; "" for nowhere.
func (a *App) OpsURL() string {
	if a.ops == nil {
		return ""
	}
	return "http://" + a.ops.Addr().String()
}

func (h home) noteSigner(cfg *configs.Config) (*ledger.NoteSigner, error) {
	key, err := h.logKey()
	if err != nil {
		return nil, err
	}
	return ledger.NewNoteSigner(cfg.Origin(), key)
}

func gatewayConfig(h home, cfg *configs.Config, note *ledger.NoteSigner, log *slog.Logger) (gateway.Config, error) {
	doc, err := h.key(signing.UseDoc)
	if err != nil {
		return gateway.Config{}, err
	}
	cursors, err := h.cursors()
	if err != nil {
		return gateway.Config{}, err
	}
	vkeys, err := h.vkeys(note)
	if err != nil {
		return gateway.Config{}, err
	}
	var operators []*signing.Key
	for _, raw := range cfg.Operators() {
		key, err := signing.ParseKey(raw)
		if err != nil {
			return gateway.Config{}, err
		}
		key.Use = signing.UseOperator
		operators = append(operators, key)
	}
	return gateway.Config{
		Issuer: cfg.Issuer(), Authority: attestation.PartnerID(cfg.Authority()), Name: cfg.Name(), Origin: cfg.Origin(), Prefix: cfg.Prefix(), VKeys: vkeys,
		Operators: operators, Approvals: cfg.Approvals(), Signer: doc, Cursors: cursors, Now: time.Now, Logger: log,
	}, nil
}

// URL returns where the API listens.
func (a *App) URL() string {
	scheme := "http"
	if _, ok := a.cfg.TLS(); ok {
		scheme = "https"
	}
	return scheme + "://" + a.listener.Addr().String()
}

// Run serves until the context ends or the archive can no longer be trusted,
// which is the error it then returns.
func (a *App) Run(ctx context.Context) error {
	server := api.HTTP(a.api.Handler())
	var err error
	listener := api.Buffered(a.listener)
	if t, ok := a.cfg.TLS(); ok {
		if listener, err = tlsListener(listener, t); err != nil {
			return err
		}
	}
	ops := a.opsServer()
	failed := make(chan error, 2)
	var serving sync.WaitGroup
	serving.Go(func() { failed <- server.Serve(listener) })
	if a.ops != nil {
		serving.Go(func() { failed <- ops.Serve(a.ops) })
	}
	defer serving.Wait()
	select {
	case <-ctx.Done():
		err = nil
	case err = <-a.fatal:
		if err = fmt.Errorf("the archive cannot be trusted any more and the process ends to recover: %w", err); fault.CodeOf(err) != fault.LedgerFork {
			err = fault.Wrap(err, fault.ArchiveFailed, "a write or sync of the log failed; look at the disk and the kernel's log, then start the gateway again: what it acknowledged is kept")
		}
	case err = <-failed:
	}
	stop, cancel := context.WithTimeout(context.Background(), shutdownTime)
	defer cancel()
	return errors.Join(err, ops.Close(), server.Shutdown(stop))
}

func tlsListener(l net.Listener, t configs.TLS) (net.Listener, error) {
	key, err := t.Key.Resolve()
	if err != nil {
		return nil, err
	}
	cert, err := os.ReadFile(t.Cert)
	if err != nil {
		return nil, fmt.Errorf("load TLS certificate: %w", err)
	}
	pair, err := tls.X509KeyPair(cert, key.Reveal())
	if err != nil {
		return nil, fmt.Errorf("load TLS certificate: %w", err)
	}
	return tls.NewListener(l, &tls.Config{Certificates: []tls.Certificate{pair}, MinVersion: tls.VersionTLS12, NextProtos: []string{"http/1.1"}}), nil
}

// opsServer serves metrics and profiles, which never stand on the public
// listener.
func (a *App) opsServer() *http.Server {
	mux := http.NewServeMux()
	mux.Handle("/metrics", promhttp.HandlerFor(a.reg, promhttp.HandlerOpts{}))
	mux.HandleFunc("/debug/pprof/", pprof.Index)
	mux.HandleFunc("/debug/pprof/profile", pprof.Profile)
	mux.HandleFunc("/debug/pprof/symbol", pprof.Symbol)
	mux.HandleFunc("/debug/pprof/trace", pprof.Trace)
	return &http.Server{Handler: mux, ReadHeaderTimeout: 5 * time.Second}
}

// Close closes the archive and the audit log. It may be called after a failed
// NewApp.
func (a *App) Close() error {
	var errs []error
	if a.archive != nil {
		errs = append(errs, a.archive.Close())
		a.archive = nil
	}
	for _, l := range []net.Listener{a.listener, a.ops} {
		if l == nil {
			continue
		}
		if err := l.Close(); err != nil && !errors.Is(err, net.ErrClosed) {
			errs = append(errs, err)
		}
	}
	return errors.Join(append(errs, a.audit.Close())...)
}
