package certs

import (
	"crypto"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"os"
)

// EncodePEM returns certificates as PEM, in the order given.
func EncodePEM(chain ...*x509.Certificate) []byte {
	var out []byte
	for _, c := range chain {
		out = append(out, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: c.Raw})...)
	}
	return out
}

// ParsePEM reads at least one certificate. Blocks of another type are refused:
// a file with a private key in it is not a certificate file.
func ParsePEM(src []byte) ([]*x509.Certificate, error) {
	var chain []*x509.Certificate
	for {
		block, rest := pem.Decode(src)
		if block == nil {
			break
		}
		src = rest
		if block.Type != "CERTIFICATE" {
			return nil, fmt.Errorf("PEM block %q among certificates", block.Type)
		}
		c, err := x509.ParseCertificate(block.Bytes)
		if err != nil {
			return nil, fmt.Errorf("parse certificate %d: %w", len(chain)+1, err)
		}
		chain = append(chain, c)
	}
	if len(chain) == 0 {
		return nil, errors.New("no certificate in PEM text")
	}
	return chain, nil
}

// EncodeKeyPEM returns a private key as PKCS#8 PEM.
func EncodeKeyPEM(key crypto.Signer) ([]byte, error) {
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return nil, fmt.Errorf("encode private key: %w", err)
	}
	return pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}), nil
}

// ParseKeyPEM reads one PKCS#8 private key.
func ParseKeyPEM(src []byte) (crypto.Signer, error) {
	block, _ := pem.Decode(src)
	if block == nil || block.Type != "PRIVATE KEY" {
		return nil, errors.New("no PKCS#8 private key in PEM text")
	}
	parsed, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	if err != nil {
		return nil, fmt.Errorf("parse private key: %w", err)
	}
	key, ok := parsed.(crypto.Signer)
	if !ok {
		return nil, fmt.Errorf("a key of type %T cannot sign", parsed)
	}
	return key, nil
}

// LoadChain reads the certificates of a PEM file.
func LoadChain(path string) ([]*x509.Certificate, error) {
	src, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("read certificates: %w", err)
	}
	chain, err := ParsePEM(src)
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", path, err)
	}
	return chain, nil
}

// LoadKey reads the private key of a PEM file.
func LoadKey(path string) (crypto.Signer, error) {
	src, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("read private key: %w", err)
	}
	key, err := ParseKeyPEM(src)
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", path, err)
	}
	return key, nil
}

// SaveChain writes certificates to a new file; it refuses one that exists.
func SaveChain(path string, chain ...*x509.Certificate) error {
	return createFile(path, EncodePEM(chain...), 0o644)
}

// SaveKey writes a private key to a new file that only its owner reads; it
// refuses one that exists.
func SaveKey(path string, key crypto.Signer) error {
	text, err := EncodeKeyPEM(key)
	if err != nil {
		return err
	}
	return createFile(path, text, 0o600)
}

// createFile makes a file that did not exist and makes it durable: a key that is
// in use but lost after a power cut cannot be made again.
func createFile(path string, text []byte, mode os.FileMode) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, mode)
	if err != nil {
		return fmt.Errorf("create: %w", err)
	}
	_, err = f.Write(text)
	if err == nil {
		err = f.Sync()
	}
	if cerr := f.Close(); err == nil {
		err = cerr
	}
	if err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	return nil
}
