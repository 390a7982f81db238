package main

import (
	"crypto/ed25519"
	"crypto/rand"
	"crypto/x509"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"accord/certs"
	"accord/client"
	"accord/configs"
	"accord/gateway"
	"accord/internal/fault"
	"accord/partners"
	"accord/signing"
)

// home is the directory of --home: who I am.
//
//	accord.yaml          configuration (a gateway's home only)
//	keys/*.pem           doc, auth, operator, log (PKCS#8, 0600); cursor.key
//	pki/                 development PKI: CA, chain of the document key, TLS
//	archive/             journal, index, lock (of an embedded archive)
//	memory               what the signer of the log remembers
//	lock                 held by the one process that has the archive open
//	audit.ndjson         what was refused
//	clock-accepted       of the next start, if there is one
//	partner.json         my own partner record, to hand over
type home string

func (h home) path(parts ...string) string {
	return filepath.Join(append([]string{string(h)}, parts...)...)
}

// clockFile says that the clock was accepted although entries of the log are
// later (`accord ledger accept-clock`). It is good for one start.
const clockFile = "clock-accepted"

func (h home) clockAccepted() bool {
	_, err := os.Stat(h.path(clockFile))
	return err == nil
}

// spendClock takes the acceptance of the clock away once a gateway has started
// with it: a clock that jumps again is refused again.
func (h home) spendClock() error {
	err := os.Remove(h.path(clockFile))
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("take the acceptance of the clock away: %w", err)
	}
	return nil
}

func (h home) config() (*configs.Config, error) {
	if _, err := os.Stat(h.path("accord.yaml")); err != nil {
		if _, err := os.Stat(h.path("partner.json")); err == nil {
			return nil, usageError(fmt.Sprintf("%s is the home of a body without a gateway; name that of a gateway with --home", h))
		}
		return nil, usageError(fmt.Sprintf("%s is not the home of a gateway; make one with `accord init --home %s --authority CN`, or name another with --home", h, h))
	}
	return configs.Load(h.path("accord.yaml"))
}

// key loads a private key by its use.
func (h home) key(use signing.Use) (*signing.Signer, error) {
	raw, err := os.ReadFile(h.path("keys", string(use)+".pem"))
	if errors.Is(err, os.ErrNotExist) && use == signing.UseOperator {
		return nil, usageError(fmt.Sprintf("there is no operator key in %s; the home with which a gateway was made has one: name that with --home", h))
	}
	if errors.Is(err, os.ErrNotExist) {
		return nil, usageError(fmt.Sprintf("there is no %s key in %s; make a home with `accord init`, or name yours with --home", use, h))
	}
	if err != nil {
		return nil, usageError(fmt.Sprintf("cannot read the %s key of %s: %v", use, h, err))
	}
	return signing.ParseSigner(raw, use)
}

// logKey loads the key of the log.
func (h home) logKey() (ed25519.PrivateKey, error) { return h.logKeyIn("log.pem") }

// chain loads the chain of the document key; a home without PKI has none.
func (h home) chain() ([]*x509.Certificate, error) {
	chain, err := certs.LoadChain(h.path("pki", "doc-chain.pem"))
	if errors.Is(err, os.ErrNotExist) {
		return nil, nil
	}
	return chain, err
}

// cursorKey loads the key of the cursors, which all gateways on a ledger share.
func (h home) cursorKey() ([]byte, error) {
	secret, err := os.ReadFile(h.path("keys", "cursor.key"))
	if err != nil {
		return nil, fmt.Errorf("load cursor key: %w", err)
	}
	return secret, nil
}

func (h home) cursors() (*gateway.Cursors, error) {
	secret, err := h.cursorKey()
	if err != nil {
		return nil, err
	}
	keys, err := cursorKeys(secret)
	if err != nil {
		return nil, fmt.Errorf("load cursor key: %w", err)
	}
	return gateway.NewCursors(keys...), nil
}

// cursorKeySize is that of one secret.
const cursorKeySize = 32

// cursorKeys reads cursor.key: the one secret of a home whose key was never
// replaced, else the newest and the one before it, each after its id.
func cursorKeys(content []byte) ([]gateway.CursorKey, error) {
	if len(content) == cursorKeySize {
		return []gateway.CursorKey{{ID: 1, Secret: content}}, nil
	}
	const record = 1 + cursorKeySize
	if len(content) != 2*record || content[0] <= content[record] {
		return nil, fault.New(fault.KeyRejected, "cursor.key is not what `accord init` or `accord keys rotate cursor` writes")
	}
	return []gateway.CursorKey{
		{ID: content[0], Secret: content[1:record]}, {ID: content[record], Secret: content[record+1:]},
	}, nil
}

// rotateCursor makes a new key of cursors; the one before opens those that it
// made until the next time.
func (h home) rotateCursor() (id byte, err error) {
	content, err := h.cursorKey()
	if err != nil {
		return 0, err
	}
	keys, err := cursorKeys(content)
	if err != nil {
		return 0, err
	}
	if id = keys[0].ID + 1; id == 0 {
		return 0, fault.New(fault.KeyRejected, "the key of cursors was replaced 254 times and its ids are used up")
	}
	next := append([]byte{id}, randomBytes(cursorKeySize)...)
	next = append(append(next, keys[0].ID), keys[0].Secret...)
	return id, replaceFile(h.path("keys", "cursor.key"), next)
}

// issuer returns the issuer of the gateway of this home: the iss of registry
// changes and of operators' tokens.
func (h home) issuer() (string, error) {
	cfg, err := h.config()
	if err != nil {
		return "", err
	}
	return cfg.Issuer(), nil
}

// identity returns who this home speaks as to a server: the partner of its
// record, or an operator of its gateway.
func (h home) identity(operator bool) (*client.Identity, error) {
	if operator {
		key, err := h.key(signing.UseOperator)
		if err != nil {
			return nil, err
		}
		iss, err := h.issuer()
		return &client.Identity{Issuer: iss, Key: key}, err
	}
	p, err := h.partner()
	if err != nil {
		return nil, err
	}
	key, err := h.key(signing.UseAuth)
	return &client.Identity{Issuer: p.ID.URN(), Key: key}, err
}

// createHome makes the directory; one that exists and is not empty is refused.
func createHome(h home) error {
	if entries, err := os.ReadDir(string(h)); err == nil && len(entries) > 0 {
		return usageError(fmt.Sprintf("%s exists and is not empty; name another directory with --home", h))
	}
	for _, dir := range []string{"", "keys", "pki"} {
		if err := os.MkdirAll(h.path(dir), 0o700); err != nil {
			return usageError("cannot make the home: " + err.Error())
		}
	}
	return nil
}

// clearHome empties a home that createHome made a moment ago.
func clearHome(h home) error {
	entries, err := os.ReadDir(string(h))
	for _, entry := range entries {
		err = errors.Join(err, os.RemoveAll(h.path(entry.Name())))
	}
	if err != nil {
		return fmt.Errorf("take the home back: %w", err)
	}
	return nil
}

// newKey makes a key of one use in the home.
func (h home) newKey(use signing.Use, alg signing.Alg) (*signing.Signer, error) {
	s, err := signing.GenerateSigner(alg, use)
	if err != nil {
		return nil, err
	}
	pem, err := s.PEM()
	if err != nil {
		return nil, err
	}
	if err := writeNew(h.path("keys", string(use)+".pem"), pem); err != nil {
		return nil, err
	}
	return s, nil
}

// writeNew writes a file with mode 0600 and refuses one that exists.
func writeNew(path string, content []byte) error {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	if _, err := f.Write(content); err != nil {
		return errors.Join(fmt.Errorf("write %s: %w", path, err), f.Close())
	}
	return f.Close()
}

func randomBytes(n int) []byte {
	b := make([]byte, n)
	_, _ = rand.Read(b) // never fails (crypto/rand)
	return b
}

// partner reads the home's own partner record.
func (h home) partner() (*partners.Partner, error) {
	raw, err := os.ReadFile(h.path("partner.json"))
	if err != nil {
		return nil, usageError(fmt.Sprintf("%s is no home; make one with `accord init`", h))
	}
	return partners.ParsePartner(raw)
}
