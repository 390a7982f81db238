package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"accord/attestation"
	"accord/certs"
	"accord/partners"
	"accord/signing"
)

// keysCmd manages the keys of a home.
type keysCmd struct {
	New    keysNewCmd    `cmd:"" help:"Make a key that the home does not have."`
	List   keysListCmd   `cmd:"" help:"List the keys and certificates of the home."`
	Export keysExportCmd `cmd:"" help:"Print a public key as JWK."`
	Rotate keysRotateCmd `cmd:"" help:"Make a new document or auth key and put both into partner.json."`
}

type keysNewCmd struct {
	Use string `arg:"" help:"doc, auth or operator." enum:"doc,auth,operator"`
	Alg string `help:"Algorithm." enum:"ES256,ES384,EdDSA,PS256" default:"ES256"`
}

// Help shows an example.
func (keysNewCmd) Help() string { return "Example: accord keys new --home ./cb doc" }

// Run makes the key.
func (c *keysNewCmd) Run(e *env) error {
	s, err := home(e.home).newKey(signing.Use(c.Use), signing.Alg(c.Alg))
	if errors.Is(err, os.ErrExist) {
		return usageError("the home has a " + c.Use + " key; replace it with `accord keys rotate`")
	}
	if err != nil {
		return err
	}
	_, err = e.stdout.Write(append(s.Key().JWK(), '\n'))
	return err
}

type keysListCmd struct{}

// Help shows an example.
func (keysListCmd) Help() string { return "Example: accord keys list --home ./cb" }

// Run lists keys, and certificates with their end.
func (c *keysListCmd) Run(e *env) error {
	type item struct {
		Use string      `json:"use"`
		KID string      `json:"kid"`
		Alg signing.Alg `json:"alg"`
	}
	var items []item
	for _, use := range []signing.Use{signing.UseDoc, signing.UseAuth, signing.UseOperator} {
		if s, err := home(e.home).key(use); err == nil {
			items = append(items, item{string(use), s.Key().KID, s.Key().Alg})
		}
	}
	if len(items) == 0 {
		return usageError("there are no keys in " + e.home + "; make a home with `accord init`")
	}
	if e.format == "json" {
		return e.printJSON(items)
	}
	for _, i := range items {
		e.printf("%-9s %-6s %s\n", i.Use, i.Alg, i.KID)
	}
	chains, err := filepath.Glob(home(e.home).path("pki", "*.pem"))
	if err != nil {
		return err
	}
	for _, path := range chains {
		if chain, err := certs.LoadChain(path); err == nil && len(chain) > 0 {
			e.printf("%-9s until %s %s\n", "cert", chain[0].NotAfter.Format(time.DateOnly), filepath.Base(path))
		}
	}
	return nil
}

type keysExportCmd struct {
	Use string `arg:"" help:"doc, auth or operator." enum:"doc,auth,operator"`
}

// Help shows an example.
func (keysExportCmd) Help() string { return "Example: accord keys export --home ./cb doc" }

// Run prints the JWK.
func (c *keysExportCmd) Run(e *env) error {
	s, err := home(e.home).key(signing.Use(c.Use))
	if err != nil {
		return err
	}
	_, err = e.stdout.Write(append(s.Key().JWK(), '\n'))
	return err
}

type keysRotateCmd struct {
	Use     string        `arg:"" help:"doc or auth." enum:"doc,auth"`
	Overlap time.Duration `help:"How long the old key stays good." default:"720h"`
}

// Help shows an example.
func (keysRotateCmd) Help() string {
	return "Example: accord keys rotate --home ./cb doc   (then hand partner.json to your gateway: accord partner add)"
}

// Run makes the new key, keeps the old one beside it, and writes the record
// that names both.
func (c *keysRotateCmd) Run(e *env) error {
	h := home(e.home)
	old, err := h.key(signing.Use(c.Use))
	if err != nil {
		return err
	}
	p, err := h.partner()
	if err != nil {
		return err
	}
	path := h.path("keys", c.Use+".pem")
	if err := os.Rename(path, h.path("keys", c.Use+"-"+old.Key().KID+".pem")); err != nil {
		return err
	}
	s, err := h.newKey(signing.Use(c.Use), signing.ES256)
	if err != nil {
		return err
	}
	var jwk map[string]any
	if err := json.Unmarshal(s.Key().JWK(), &jwk); err != nil {
		return err
	}
	for i := range p.Trust.Keys {
		if p.Trust.Keys[i].JWK["kid"] == old.Key().KID && p.Trust.Keys[i].Expires.IsZero() {
			p.Trust.Keys[i].Expires = e.now().Add(c.Overlap).UTC().Truncate(time.Second)
		}
	}
	p.Trust.Keys = append(p.Trust.Keys, partners.Key{JWK: jwk, Use: c.Use, NotBefore: e.now().UTC().Truncate(time.Second)})
	if c.Use == "doc" {
		if err := renewChain(h, p.ID, old.Key().KID, s, e.now()); err != nil {
			return err
		}
	}
	record, err := json.MarshalIndent(p, "", "  ")
	if err != nil {
		return err
	}
	if err := os.WriteFile(h.path("partner.json"), append(record, '\n'), 0o600); err != nil {
		return err
	}
	e.notef("accord: hand %s over to your gateway: accord partner add\n", h.path("partner.json"))
	return e.result(map[string]any{"use": c.Use, "kid": s.Key().KID, "replaced": old.Key().KID}, "%s", s.Key().KID)
}

// renewChain certifies a new document key with the home's development CA; a
// home without one certifies its keys elsewhere.
func renewChain(h home, id attestation.PartnerID, oldKID string, doc *signing.Signer, now time.Time) error {
	key, err := os.ReadFile(h.path("pki", "ca-key.pem"))
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("read CA key: %w", err)
	}
	cert, err := os.ReadFile(h.path("pki", "ca.pem"))
	if err != nil {
		return fmt.Errorf("read CA certificate: %w", err)
	}
	ca, err := certs.ParseAuthority(cert, key)
	if err != nil {
		return err
	}
	leaf, err := ca.IssueSigner(id, doc.Key().Public(), now)
	if err != nil {
		return err
	}
	chain := h.path("pki", "doc-chain.pem")
	if err := os.Rename(chain, h.path("pki", "doc-chain-"+oldKID+".pem")); err != nil {
		return fmt.Errorf("keep the old chain: %w", err)
	}
	return certs.SaveChain(chain, leaf)
}
