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
	Rotate keysRotateCmd `cmd:"" help:"Make a new document, auth, log or cursor key beside the old one."`
}

// Help shows examples.
func (keysCmd) Help() string {
	return help{examples: []string{"accord keys list --home ./cb", "accord keys rotate --home ./cb doc"}}.String()
}

type keysNewCmd struct {
	Use string `arg:"" help:"doc, auth or operator." enum:"doc,auth,operator"`
	Alg string `help:"Algorithm: ES256, ES384, EdDSA or PS256." enum:"ES256,ES384,EdDSA,PS256" default:"ES256"`
}

// Help shows an example.
func (keysNewCmd) Help() string {
	return help{
		about:    "The public key is printed. `accord init` has made all that are needed; a key that is there is never overwritten. An operator key counts once it stands under operators in accord.yaml.",
		json:     jsonJWK,
		examples: []string{"accord keys new --home ./cb --alg EdDSA operator"},
	}.String()
}

// Run makes the key.
func (c *keysNewCmd) Run(e *env) error {
	h := home(e.home)
	if _, err := os.Stat(h.path("keys")); err != nil {
		return usageError(string(h) + " is no home; make one with `accord init`")
	}
	s, err := h.newKey(signing.Use(c.Use), signing.Alg(c.Alg))
	if errors.Is(err, os.ErrExist) {
		if c.Use == "operator" {
			return usageError("the home has an operator key; keep it elsewhere before you make another")
		}
		return usageError("the home has a key for " + c.Use + "; replace it with `accord keys rotate " + c.Use + "`")
	}
	if err != nil {
		return err
	}
	_, err = e.stdout.Write(append(s.Key().JWK(), '\n'))
	return err
}

type keysListCmd struct{}

// Help shows an example.
func (keysListCmd) Help() string {
	return help{json: "{keys[{use, kid, alg}], certificates[{file, until}]}", examples: []string{"accord keys list --home ./cb"}}.String()
}

// keyList is what a home has of keys and certificates.
type keyList struct {
	Keys         []keyItem  `json:"keys"`
	Certificates []certItem `json:"certificates"`
}

type keyItem struct {
	Use string      `json:"use"`
	KID string      `json:"kid"`
	Alg signing.Alg `json:"alg"`
}

type certItem struct {
	File  string    `json:"file"` // in the folder pki
	Until time.Time `json:"until"`
}

// Run lists keys, and certificates with their end.
func (c *keysListCmd) Run(e *env) error {
	found, err := home(e.home).list()
	if err != nil {
		return err
	}
	if e.format == "json" {
		return e.printJSON(found)
	}
	for _, i := range found.Keys {
		e.printf("%-9s %-6s %s\n", i.Use, i.Alg, i.KID)
	}
	for _, i := range found.Certificates {
		e.printf("%-9s until %s %s\n", "cert", i.Until.Format(time.DateOnly), i.File)
	}
	return nil
}

// list finds the keys and certificates of a home.
func (h home) list() (*keyList, error) {
	found := &keyList{Certificates: []certItem{}}
	for _, use := range []signing.Use{signing.UseDoc, signing.UseAuth, signing.UseOperator} {
		if _, err := os.Stat(h.path("keys", string(use)+".pem")); err != nil {
			continue
		}
		s, err := h.key(use)
		if err != nil {
			return nil, fmt.Errorf("%s key: %w", use, err)
		}
		found.Keys = append(found.Keys, keyItem{string(use), s.Key().KID, s.Key().Alg})
	}
	if len(found.Keys) == 0 {
		return nil, usageError("there are no keys in " + string(h) + "; make a home with `accord init`")
	}
	paths, err := filepath.Glob(h.path("pki", "*.pem"))
	if err != nil {
		return nil, err
	}
	for _, path := range paths {
		// Keys stand there too; they are no certificates.
		if chain, err := certs.LoadChain(path); err == nil && len(chain) > 0 {
			found.Certificates = append(found.Certificates, certItem{filepath.Base(path), chain[0].NotAfter.UTC()})
		}
	}
	return found, nil
}

type keysExportCmd struct {
	Use string `arg:"" help:"doc, auth or operator." enum:"doc,auth,operator"`
}

// Help shows an example.
func (keysExportCmd) Help() string {
	return help{
		about:    "Only the public half is ever printed.",
		json:     jsonJWK,
		examples: []string{"accord keys export --home ./cb doc > doc.jwk"},
	}.String()
}

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
	Use     string        `arg:"" help:"doc, auth, log or cursor." enum:"doc,auth,log,cursor"`
	Overlap time.Duration `help:"How long the old key of documents or tokens stays good, as 720h." default:"720h" placeholder:"TIME"`
	Switch  bool          `help:"Of the log: let it go on under the key that was announced. The gateway must be stopped."`
}

// Help shows an example.
func (keysRotateCmd) Help() string {
	return help{
		about:    "The record partner.json names both keys, the old one until the overlap ends; hand it over to your gateway, whose operator adds it. Until then sign with the old key.\n\nThe key of a log is replaced in two steps. The first makes it and names it in the trust list, in discovery and in partner.json, beside the old one; partners need it before they see a receipt that it signed. The second, with --switch, lets the log go on under it, and nothing ever again under the old one. Old receipts stay what they are, byte for byte, and verify with the old key, which stays listed. Gateways on one ledger are all stopped for the switch, and then get log.pem and vkeys.json of the home that did it. A command that was interrupted is given again.\n\nThe key of cursors is replaced at once; cursors of the one before stay good until it is replaced again.",
		json:     "{use, kid?, vkey?, id?, replaced?, record?}",
		examples: []string{"accord keys rotate --home ./cb --overlap 720h doc", "accord keys rotate --home ./cn log", "accord keys rotate --home ./cn --switch log"},
	}.String()
}

// Run makes the new key, keeps the old one beside it, and writes the record
// that names both.
func (c *keysRotateCmd) Run(e *env) error {
	if c.Overlap < 0 {
		return usageError("--overlap is a time from now on, as 720h")
	}
	h := home(e.home)
	if c.Use == "log" {
		return c.rotateLog(e, h)
	}
	if c.Use == "cursor" && !c.Switch {
		id, err := h.rotateCursor()
		if err != nil {
			return err
		}
		e.notef("accord: start the gateway again; cursors of the key before are good until the next rotation\n")
		return e.result(map[string]any{"use": c.Use, "id": id}, "%d", id)
	}
	if c.Switch {
		return usageError("--switch is for the key of the log")
	}
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
		if k := &p.Trust.Keys[i]; k.JWK["kid"] == old.Key().KID && k.Expires.IsZero() {
			k.Expires = e.now().Add(c.Overlap).UTC().Truncate(time.Second)
			if !k.Expires.After(k.NotBefore) { // a record has no empty periods
				k.Expires = k.NotBefore.Add(time.Second)
			}
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
	return e.result(map[string]any{"use": c.Use, "kid": s.Key().KID, "replaced": old.Key().KID, "record": h.path("partner.json")}, "%s", s.Key().KID)
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
