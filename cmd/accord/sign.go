package main

import (
	"bytes"
	"encoding/base64"
	"os"
	"path/filepath"

	"accord/certs"
	"accord/internal/fault"
	"accord/signing"
)

// signCmd signs a document, statement or change.
type signCmd struct {
	Key      string `help:"Private key: PKCS#8 PEM or JWK. Default is the key of --home that fits the type." placeholder:"FILE"`
	Cert     string `help:"PEM chain of the key, leaf first, for x5c." placeholder:"FILE"`
	Type     string `help:"What is signed: attestation, status, vc or registry." enum:"attestation,status,vc,registry" default:"attestation"`
	KID      string `name:"kid" help:"Verification method of a credential. Default is its issuer's DID, # and the thumbprint of the key." placeholder:"URL"`
	Detached bool   `help:"Write the signature alone, for the JWS-Signature field of a JSON or XML body (attestations only)."`
	File     string `arg:"" help:"The payload; - for standard input."`
}

// Help shows examples.
func (signCmd) Help() string {
	return help{
		about: "The compact JWS goes to standard output without a line end. With --detached the file stays as it is and its signature stands beside it: submit both with `accord submit --signature`.",
		json:  "{jws?, signature?}",
		examples: []string{
			"accord sign --key ./cb/keys/doc.pem --cert ./cb/pki/doc-chain.pem certificate.json > certificate.jws",
			"accord sign --home ./cb --cert ./cb/pki/doc-chain.pem --detached certificate.xml > certificate.sig",
			"accord sign --home ./cb --type vc credential.json > credential.jwt",
		},
	}.String()
}

// Run writes the compact JWS without a line end.
func (c *signCmd) Run(e *env) error {
	if c.Detached && c.Type != "attestation" {
		return usageError("--detached is for attestations: a " + c.Type + " message is always one piece")
	}
	if c.KID != "" && c.Type != "vc" {
		return usageError("--kid is for credentials: a " + c.Type + " is signed under the thumbprint of the key")
	}
	payload, err := e.read(c.File)
	if err != nil {
		return err
	}
	h, use, err := c.header(payload)
	if err != nil {
		return err
	}
	h.IssuedAt = e.now()
	signer, err := loadSigner(home(e.home), c.Key, use)
	if err != nil {
		return err
	}
	if c.Type == "vc" {
		return c.credential(e, signer, payload)
	}
	if c.Cert != "" {
		if h.Chain, err = certs.LoadChain(c.Cert); err != nil {
			return usageError("cannot read the chain: " + err.Error())
		}
	}
	if c.Detached {
		field, err := signer.SignDetached(payload, h)
		if err != nil {
			return err
		}
		return e.text("signature", []byte(field))
	}
	jws, err := signer.Sign(payload, h)
	if err != nil {
		return err
	}
	return e.text("jws", jws)
}

// header says what typ and cty the message has and which key signs it.
func (c *signCmd) header(payload []byte) (signing.Header, signing.Use, error) {
	switch c.Type {
	case "attestation":
		h := signing.Header{Typ: signing.TypAttestation, Cty: signing.CtyJSON}
		if mediaOf(payload) == mediaXML {
			h.Cty = signing.CtyXML
		}
		return h, signing.UseDoc, nil
	case "status":
		return signing.Header{Typ: signing.TypStatus}, signing.UseDoc, nil
	case "registry":
		return signing.Header{Typ: signing.TypRegistry}, signing.UseOperator, nil
	default:
		return signing.Header{Typ: signing.TypCredential}, signing.UseDoc, nil
	}
}

// credential signs an unsecured credential as application/vc+jwt. The key is told
// by a verification method of the issuer's DID document, not by a chain.
func (c *signCmd) credential(e *env, signer *signing.Signer, payload []byte) error {
	if c.Cert != "" {
		return usageError("--cert is not for credentials: their key stands in the DID document of the issuer")
	}
	kid := c.KID
	if kid == "" {
		issuer, err := signing.CredentialIssuer(payload)
		if err != nil {
			return err
		}
		kid = issuer + "#" + signer.Key().Thumbprint()
	}
	jws, err := signer.SignCredential(payload, kid, e.now())
	if err != nil {
		return err
	}
	return e.text("jws", jws)
}

// loadSigner loads a key by name, or that of the home.
func loadSigner(h home, path string, use signing.Use) (*signing.Signer, error) {
	if path == "" {
		return h.key(use)
	}
	raw, err := os.ReadFile(filepath.Clean(path))
	if err != nil {
		return nil, usageError("cannot read the key: " + err.Error())
	}
	s, err := signing.ParseSigner(raw, use)
	if err != nil {
		return nil, fault.Wrap(err, fault.KeyRejected, path+" holds no private key that signs; wanted is PKCS#8 PEM or a JWK")
	}
	return s, nil
}

// headerOf returns the protected header of a compact JWS; nil where it is none.
func headerOf(raw []byte) []byte {
	head, _, _ := bytes.Cut(raw, []byte("."))
	text, err := base64.RawURLEncoding.DecodeString(string(head))
	if err != nil {
		return nil
	}
	return text
}
