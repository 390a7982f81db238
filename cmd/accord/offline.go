package main

import (
	"errors"
	"log/slog"

	"accord/gateway"
	"accord/storage"
)

// openHome opens the archive of a home that does not run; that of one that does
// is [errInUse].
func openHome(e *env, h home) (*storage.Archive, error) {
	a, _, err := openHomeBackend(e, h)
	return a, err
}

// openHomeBackend is openHome with what the archive is made of, which it
// closes.
func openHomeBackend(e *env, h home) (*storage.Archive, *backend, error) {
	cfg, err := h.config()
	if err != nil {
		return nil, nil, err
	}
	note, err := h.noteSigner(cfg)
	if err != nil {
		return nil, nil, err
	}
	b, err := lockBackend(e.ctx, h, cfg, note)
	if err != nil {
		return nil, nil, err
	}
	a, err := b.open(e.ctx, h, cfg, note, slog.New(slog.DiscardHandler), func(error) {})
	return a, b, err
}

// openGateway opens the gateway of a home that does not run.
func openGateway(e *env, h home) (*gateway.Gateway, func() error, error) {
	archive, err := openHome(e, h)
	if err != nil {
		return nil, nil, err
	}
	cfg, err := h.config()
	if err == nil {
		note, noteErr := h.noteSigner(cfg)
		conf, confErr := gatewayConfig(h, cfg, note, slog.New(slog.DiscardHandler))
		if err = errors.Join(noteErr, confErr); err == nil {
			var gw *gateway.Gateway
			if gw, err = gateway.New(e.ctx, conf, archive, nil); err == nil {
				return gw, archive.Close, nil
			}
		}
	}
	return nil, nil, errors.Join(err, archive.Close())
}
