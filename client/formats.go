package client

import (
	"context"
	"net/http"
	"net/url"
	"strings"

	"accord/attestation"
	"accord/internal/fault"
)

// Converted fetches a document in a dialect of the field. secured asks for a
// credential as application/vc+jwt; lang, where not empty, is the language of
// dialects with room for one. The header field Accord-Losses of the answer counts
// what the dialect does not carry; [Client.Conversion] says what.
func (c *Client) Converted(ctx context.Context, id, format, lang string, secured bool) (*Response, error) {
	accept := ""
	if secured {
		accept = "application/vc+jwt"
	}
	return c.Get(ctx, "/v1/attestations/"+url.PathEscape(id), conversionQuery(format, lang), accept)
}

// Conversion fetches the gateway's statement about such a conversion, signed
// (accord-conversion+jwt) or as JSON.
func (c *Client) Conversion(ctx context.Context, id, format, lang string, signed bool) ([]byte, error) {
	accept := "application/json"
	if signed {
		accept = "application/jose"
	}
	res, err := c.Get(ctx, "/v1/attestations/"+url.PathEscape(id)+"/conversion", conversionQuery(format, lang), accept)
	if err != nil {
		return nil, err
	}
	return res.Body, nil
}

func conversionQuery(format, lang string) url.Values {
	q := url.Values{"format": {format}}
	if lang != "" {
		q.Set("lang", lang)
	}
	return q
}

// PutBlob hands in a binary that documents name by its digest, which it
// returns. The same again changes nothing.
func (c *Client) PutBlob(ctx context.Context, octets []byte) (attestation.Digest, error) {
	d := attestation.DigestOf(octets)
	_, err := c.Do(ctx, Request{
		Method: http.MethodPut, Path: blobPath(d), Header: http.Header{"Content-Type": {"application/octet-stream"}}, Body: octets,
	})
	return d, err
}

// Blob fetches a binary that a document names which the caller may see. Octets
// of another digest are an error.
func (c *Client) Blob(ctx context.Context, d attestation.Digest) ([]byte, error) {
	res, err := c.Get(ctx, blobPath(d), nil, "")
	if err != nil {
		return nil, err
	}
	if got := attestation.DigestOf(res.Body); got != d {
		return nil, fault.Newf(fault.HTTPContentDigest, "the gateway gave octets of %s instead of %s", got, d)
	}
	return res.Body, nil
}

func blobPath(d attestation.Digest) string {
	return "/v1/blobs/" + strings.TrimPrefix(string(d), "sha-256:")
}
