package main

import (
	"bytes"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"strings"

	"accord/internal/fault"
	"accord/signing"
)

// jwsCmd groups checks of bare JWS.
type jwsCmd struct {
	Verify jwsVerifyCmd `cmd:"" help:"Check a JWS with a key, under the policy of Accord; no document rules."`
}

// Help shows an example.
func (jwsCmd) Help() string {
	return help{examples: []string{"accord jws verify --jwk doc.jwk certificate.jws"}}.String()
}

type jwsVerifyCmd struct {
	JWK     string `name:"jwk" help:"Public key: a JWK, or PEM of a public key or certificate." required:"" placeholder:"FILE"`
	Payload string `help:"The payload, where the JWS is detached." placeholder:"FILE"`
	File    string `arg:"" help:"The JWS; - for standard input."`
}

// Help shows examples.
func (jwsVerifyCmd) Help() string {
	return help{
		json:     "{result, alg?, kid?, typ?, code?, detail?}",
		examples: []string{"accord jws verify --jwk doc.jwk certificate.jws", "accord jws verify --jwk ./cb/pki/doc-chain.pem --payload certificate.json certificate.sig"},
	}.String()
}

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
	key, err := bareKey(rawKey)
	if err != nil {
		return err
	}
	var msg *signing.Message
	raw = bytes.TrimSpace(raw)
	switch {
	case c.Payload != "":
		payload, err := e.read(c.Payload)
		if err != nil {
			return err
		}
		msg, err = signing.ReadDetached(string(raw), payload, signing.BareProfile())
		if err != nil {
			return c.result(e, nil, err)
		}
	case isDetached(raw):
		return usageError("the JWS is detached; name its payload with --payload FILE")
	default:
		if msg, err = signing.Read(raw, signing.BareProfile()); err != nil {
			return c.result(e, nil, err)
		}
	}
	return c.result(e, msg, signing.VerifyBare(msg, key))
}

// isDetached tells the compact JWS of a payload that stands elsewhere: h..s with
// b64 in h (RFC 7797, section 5). Without b64 it may be that of an empty one.
func isDetached(raw []byte) bool {
	return bytes.Count(raw, []byte(".")) == 2 && bytes.Contains(raw, []byte("..")) && bytes.Contains(headerOf(raw), []byte(`"b64"`))
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

// bareKey reads the public key of --jwk: a JWK, or PEM of a public key or of a
// certificate, whose key it then is.
func bareKey(raw []byte) (*signing.Key, error) {
	block, _ := pem.Decode(raw)
	if block == nil {
		var set struct {
			Keys []json.RawMessage `json:"keys"`
		}
		if json.Unmarshal(raw, &set) == nil && set.Keys != nil {
			return nil, usageError("this is a set of keys; name a file with one JWK of it")
		}
		return signing.ParseBareKey(raw)
	}
	switch {
	case block.Type == "PUBLIC KEY":
		pub, err := x509.ParsePKIXPublicKey(block.Bytes)
		if err != nil {
			return nil, fault.Wrap(err, fault.KeyRejected, "the PEM holds no public key that can be read")
		}
		return barePublic(pub)
	case block.Type == "CERTIFICATE":
		cert, err := x509.ParseCertificate(block.Bytes)
		if err != nil {
			return nil, fault.Wrap(err, fault.KeyRejected, "the PEM holds no certificate that can be read")
		}
		return barePublic(cert.PublicKey)
	case strings.HasSuffix(block.Type, "PRIVATE KEY"):
		return nil, usageError("this is a private key; the public one is wanted: `accord keys export`, or PEM of its certificate")
	default:
		return nil, usageError("this is PEM of a " + block.Type + "; wanted is a public key: a JWK, or PEM of a PUBLIC KEY or CERTIFICATE")
	}
}

// barePublic makes a key that verifies every algorithm of its kind, as a JWK
// without alg does.
func barePublic(pub any) (*signing.Key, error) {
	key, err := signing.NewKey(pub, signing.UseDoc)
	if err != nil {
		return nil, err
	}
	var members map[string]any
	if err := json.Unmarshal(key.JWK(), &members); err != nil {
		return nil, err
	}
	delete(members, "alg")
	jwk, err := json.Marshal(members)
	if err != nil {
		return nil, err
	}
	return signing.ParseBareKey(jwk)
}
