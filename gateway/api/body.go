package api

import (
	"bytes"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base64"
	"errors"
	"io"
	"mime"
	"net"
	"net/http"
	"strings"
	"time"

	"accord/gateway"
	"accord/internal/fault"
)

// maxBody is the limit of a body (reliability.md, 30). A calibration
// certificate with its images is the largest document of the field that fits.
const maxBody = 1 << 20

// readBody reads a whole body within its limits: identity encoding, at most
// maxBody octets, within the body timeout. The octets are the caller's for
// good: a body is what was signed and what is archived, so its buffer cannot go
// back to a pool.
func (s *Server) readBody(w http.ResponseWriter, r *http.Request) ([]byte, error) {
	if err := checkEncoding(r.Header); err != nil {
		return nil, err
	}
	if r.ContentLength > maxBody {
		return nil, fault.Newf(fault.HTTPBodyTooLarge, "the body is larger than %d octets", maxBody)
	}
	err := http.NewResponseController(w).SetReadDeadline(time.Now().Add(s.limits.BodyTimeout))
	if err != nil && !errors.Is(err, http.ErrNotSupported) {
		return nil, err
	}
	body, err := readAll(http.MaxBytesReader(w, r.Body, maxBody), r.ContentLength)
	if err != nil {
		return nil, bodyFault(err)
	}
	return body, checkContentDigest(r.Header, body)
}

func checkEncoding(h http.Header) error {
	if enc := h.Get("Content-Encoding"); enc != "" && !strings.EqualFold(enc, "identity") {
		return fault.New(fault.HTTPContentEncoding, "send the body without Content-Encoding")
	}
	return nil
}

// badFraming says that a body is not framed as HTTP frames it. Where that is
// seen only while the body is read, the answer is the one net/http gives when it
// sees it before (reliability.md, 32a).
type badFraming struct{ error }

func (b badFraming) Unwrap() error { return b.error }

// bodyFault names what happened to a body that did not arrive.
func bodyFault(err error) error {
	if _, ok := errors.AsType[*http.MaxBytesError](err); ok || fault.CodeOf(err) != fault.Internal {
		return err
	}
	ne, ok := errors.AsType[net.Error](err)
	switch {
	case ok && ne.Timeout():
		return fault.Wrap(err, fault.HTTPTimeout, "the body did not arrive in time")
	case ok, errors.Is(err, io.ErrUnexpectedEOF):
		return fault.Wrap(err, fault.HTTPTimeout, "the body broke off before its end")
	default:
		return badFraming{fault.Wrap(err, fault.HTTPTimeout, "the body is not framed as HTTP/1.1 frames it")}
	}
}

// readAll reads a body, with one allocation where its length is announced.
func readAll(r io.Reader, length int64) ([]byte, error) {
	if length > 0 && length <= maxBody {
		buf := make([]byte, length)
		n, err := io.ReadFull(r, buf)
		if err == io.EOF {
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
	switch field {
	case "":
		return "", fault.New(fault.HTTPMediaType, "Content-Type is missing; nothing is guessed")
	case typeJOSE, typeJSON, typeXML, typeNDJSON: // nothing to take apart
		return gateway.MediaType(field), nil
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
