package api

import (
	"bytes"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base64"
	"io"
	"mime"
	"net/http"
	"strings"

	"accord/gateway"
	"accord/internal/fault"
)

// readAll reads a body, with one allocation where its length is announced.
func readAll(r io.Reader, length int64) ([]byte, error) {
	if length > 0 && length <= maxBody {
		buf := make([]byte, length)
		n, err := io.ReadFull(r, buf)
		if err == io.ErrUnexpectedEOF || err == io.EOF {
			err = io.ErrUnexpectedEOF
		}
		return buf[:n], err
	}
	var b bytes.Buffer
	_, err := b.ReadFrom(r)
	return b.Bytes(), err
}

// mediaType reads Content-Type: it must be there, and a charset must be UTF-8.
// Nothing is sniffed.
func mediaType(h http.Header) (gateway.MediaType, error) {
	field := h.Get("Content-Type")
	if field == "" {
		return "", fault.New(fault.HTTPMediaType, "Content-Type is missing; nothing is guessed")
	}
	mt, params, err := mime.ParseMediaType(field)
	if err != nil {
		return "", fault.New(fault.HTTPMediaType, "Content-Type cannot be read")
	}
	if cs, ok := params["charset"]; ok && !strings.EqualFold(cs, "utf-8") {
		return "", fault.New(fault.HTTPMediaType, "only charset=utf-8 is taken")
	}
	return gateway.MediaType(mt), nil
}

// signatureField returns the one JWS-Signature field: exactly one, at most
// 16 KiB (signing.md).
func signatureField(h http.Header) (string, error) {
	fields := h.Values("JWS-Signature")
	switch {
	case len(fields) == 0:
		return "", nil
	case len(fields) > 1:
		return "", fault.New(fault.JWSMalformed, "send exactly one JWS-Signature field")
	case len(fields[0]) > 16<<10:
		return "", fault.New(fault.JWSMalformed, "JWS-Signature is longer than 16 KiB")
	}
	return fields[0], nil
}

// checkContentDigest compares the body with Content-Digest where it is sent
// (RFC 9530): sha-256 and sha-512 are checked, other algorithms are ignored.
func checkContentDigest(h http.Header, body []byte) error {
	for _, field := range h.Values("Content-Digest") {
		for item := range strings.SplitSeq(field, ",") {
			name, value, ok := strings.Cut(strings.TrimSpace(item), "=")
			if !ok || len(value) < 2 || value[0] != ':' || value[len(value)-1] != ':' {
				return fault.New(fault.HTTPContentDigest, "Content-Digest is not as RFC 9530 writes it (sha-256=:BASE64:)")
			}
			want, err := base64.StdEncoding.DecodeString(value[1 : len(value)-1])
			if err != nil {
				return fault.New(fault.HTTPContentDigest, "Content-Digest is not base64")
			}
			var got []byte
			switch strings.ToLower(name) {
			case "sha-256":
				d := sha256.Sum256(body)
				got = d[:]
			case "sha-512":
				d := sha512.Sum512(body)
				got = d[:]
			default:
				continue
			}
			if !bytes.Equal(got, want) {
				return fault.New(fault.HTTPContentDigest, "the body does not have the digest that Content-Digest names")
			}
		}
	}
	return nil
}
