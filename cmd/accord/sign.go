package main

import (
	"bytes"
	"os"
	"path/filepath"

	"accord/certs"
	"accord/internal/fault"
	"accord/signing"
)

// signCmd signs a document, statement or change.
type signCmd struct {
	Key  string `help:"Private key: PKCS#8 PEM or JWK. Default is the key of --home that fits the type." placeholder:"FILE"`
	Cert string `help:"PEM chain of the key, leaf first, for x5c." placeholder:"FILE"`
	Type string `help:"What is signed: attestation, status, vc or registry." enum:"attestation,status,vc,registry" default:"attestation"`
	File string `arg:"" help:"The payload; - for standard input."`
}

// Help shows an example.
func (signCmd) Help() string {
	return "Example: accord sign --key ./cb/keys/doc.pem --cert ./cb/pki/doc-chain.pem certificate.json > certificate.jws"
}

// Run writes the compact JWS without a line end.
func (c *signCmd) Run(e *env) error {
	payload, err := e.read(c.File)
	if err != nil {
		return err
	}
	h := signing.Header{IssuedAt: e.now()}
	use := signing.UseDoc
	switch c.Type {
	case "attestation":
		h.Typ, h.Cty = signing.TypAttestation, signing.CtyJSON
		if bytes.HasPrefix(bytes.TrimSpace(payload), []byte("<")) {
			h.Cty = signing.CtyXML
		}
	case "status":
		h.Typ = signing.TypStatus
	case "registry":
		h.Typ, use = signing.TypRegistry, signing.UseOperator
	default:
		return usageError("credentials (--type vc) come with a later version; sign an attestation instead")
	}
	signer, err := loadSigner(home(e.home), c.Key, use)
	if err != nil {
		return err
	}
	if c.Cert != "" {
		if h.Chain, err = certs.LoadChain(c.Cert); err != nil {
			return usageError("cannot read the chain: " + err.Error())
		}
	}
	jws, err := signer.Sign(payload, h)
	if err != nil {
		return err
	}
	_, err = e.stdout.Write(jws)
	return err
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
	return signing.ParseSigner(raw, use)
}

// jwsCmd groups checks of bare JWS.
type jwsCmd struct {
	Verify jwsVerifyCmd `cmd:"" help:"Check a JWS with a key, under the policy of Accord; no document rules."`
}

type jwsVerifyCmd struct {
	JWK     string `name:"jwk" help:"Public key as JWK." required:"" placeholder:"FILE"`
	Payload string `help:"Detached payload." placeholder:"FILE"`
	File    string `arg:"" help:"The JWS; - for standard input."`
}

// Help shows an example.
func (jwsVerifyCmd) Help() string { return "Example: accord jws verify --jwk key.json message.jws" }

// Run prints the result; 0 passed, 1 failed.
func (c *jwsVerifyCmd) Run(e *env) error {
	raw, err := e.read(c.File)
	if err != nil {
		return err
	}
	rawKey, err := e.read(c.JWK)
	if err != nil {
		return err
	}
	key, err := signing.ParseBareKey(rawKey)
	if err != nil {
		return err
	}
	var msg *signing.Message
	raw = bytes.TrimSpace(raw)
	if c.Payload != "" {
		payload, err := e.read(c.Payload)
		if err != nil {
			return err
		}
		msg, err = signing.ReadDetached(string(raw), payload, signing.BareProfile())
		if err != nil {
			return c.result(e, nil, err)
		}
	} else if msg, err = signing.Read(raw, signing.BareProfile()); err != nil {
		return c.result(e, nil, err)
	}
	return c.result(e, msg, signing.VerifyBare(msg, key))
}

func (c *jwsVerifyCmd) result(e *env, msg *signing.Message, err error) error {
	out := map[string]any{"result": "passed"}
	if msg != nil {
		out["alg"], out["kid"], out["typ"] = msg.Signatures[0].Alg, msg.Signatures[0].KID, msg.Typ()
	}
	if err != nil {
		f := fault.All(err)[0]
		out["result"], out["code"], out["detail"] = "failed", f.Code, f.Detail
	}
	if e.format == "json" {
		if printErr := e.printJSON(out); printErr != nil {
			return printErr
		}
	} else if err == nil {
		e.printf("passed\n")
	} else {
		e.printf("failed %s\n", fault.All(err)[0])
	}
	if err != nil {
		return statusError(exitFailed)
	}
	return nil
}
