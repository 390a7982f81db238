package main

import (
	"errors"
	"fmt"
	"net"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"accord/attestation"
	"accord/formats"
)

// The types of flags that have a form. A value that does not have it is a
// mistake in the words of a call: kong asks these types and ends with status 2.

// instant is a time of RFC 3339; the zero value was not said.
type instant struct{ time.Time }

// UnmarshalText reads the flag.
func (t *instant) UnmarshalText(text []byte) error {
	at, err := time.Parse(time.RFC3339, string(text))
	if err != nil {
		return fmt.Errorf("%q is not a time of RFC 3339, as 2026-01-31T12:00:00Z", text)
	}
	t.Time = at
	return nil
}

// day is a calendar date, YYYY-MM-DD.
type day string

// UnmarshalText reads the flag.
func (d *day) UnmarshalText(text []byte) error {
	if _, err := time.Parse(time.DateOnly, string(text)); err != nil {
		return fmt.Errorf("%q is not a date, as 2026-01-31", text)
	}
	*d = day(text)
	return nil
}

// dated returns the date in a zone; nil when it was not said.
func (d day) dated(z zone) *attestation.DateV {
	if d == "" {
		return nil
	}
	return &attestation.DateV{Value: string(d), Zone: string(z)}
}

// zone is an offset from UTC.
type zone string

// UnmarshalText reads the flag.
func (z *zone) UnmarshalText(text []byte) error {
	if _, err := (attestation.DateV{Value: "2000-01-01", Zone: string(text)}).Start(); err != nil || len(text) == 0 {
		return fmt.Errorf("%q is not an offset from UTC, as +08:00 or Z", text)
	}
	*z = zone(text)
	return nil
}

// today is the date in the zone.
func (z zone) today(now time.Time) day {
	at := now.UTC()
	if t, err := time.Parse("Z07:00", string(z)); err == nil {
		at = now.In(t.Location())
	}
	return day(at.Format(time.DateOnly))
}

// httpURL is a URL of http or https without a query.
type httpURL string

// UnmarshalText reads the flag; an empty environment variable is none.
func (u *httpURL) UnmarshalText(text []byte) error {
	if len(text) == 0 {
		return nil
	}
	parsed, err := url.Parse(string(text))
	if err != nil || (parsed.Scheme != "http" && parsed.Scheme != "https") || parsed.Hostname() == "" || parsed.RawQuery != "" || parsed.Fragment != "" {
		return fmt.Errorf("%q is not an http or https URL, as https://gateway.example.org", text)
	}
	*u = httpURL(text)
	return nil
}

// hostPort is an address to listen on.
type hostPort string

// UnmarshalText reads the flag.
func (a *hostPort) UnmarshalText(text []byte) error {
	_, port, err := net.SplitHostPort(string(text))
	if err == nil {
		_, err = strconv.ParseUint(port, 10, 16)
	}
	if err != nil {
		return fmt.Errorf("%q is not an address, as 127.0.0.1:8080 or :8080", text)
	}
	*a = hostPort(text)
	return nil
}

// economy is an economy by its code.
type economy string

// UnmarshalText reads the flag.
func (c *economy) UnmarshalText(text []byte) error {
	if _, err := attestation.ParseEconomy(string(text)); err != nil {
		return fmt.Errorf("%q is not an economy: two letters of ISO 3166-1, as CN or NZ", text)
	}
	*c = economy(text)
	return nil
}

// partnerID is the id of a partner.
type partnerID string

// UnmarshalText reads the flag.
func (p *partnerID) UnmarshalText(text []byte) error {
	if _, err := attestation.ParsePartnerID(string(text)); err != nil {
		return fmt.Errorf("%q is not a partner id: 2 to 63 characters of a-z, 0-9 and -, as nz-authority", text)
	}
	*p = partnerID(text)
	return nil
}

// party is an economy or a partner.
type party string

// UnmarshalText reads the flag.
func (p *party) UnmarshalText(text []byte) error {
	if _, err := attestation.ParseEconomy(string(text)); err == nil || attestation.PartnerID(text).Valid() {
		*p = party(text)
		return nil
	}
	return fmt.Errorf("%q is neither an economy (as NZ) nor a partner id (as nz-authority)", text)
}

// activity is a conformity-assessment activity as designations name it.
type activity string

// activities are those of partners.Designation; a test holds them against it.
func activities() []string {
	return []string{"testing", "inspection", "certification", "calibration", "validation", "verification", "accreditation"}
}

// UnmarshalText reads the flag.
func (a *activity) UnmarshalText(text []byte) error {
	return oneWord((*string)(a), text, activities())
}

// correction is the reason for which an event is taken back.
type correction string

// UnmarshalText reads the flag.
func (c *correction) UnmarshalText(text []byte) error {
	return oneWord((*string)(c), text, attestation.EnumCorrection.Words())
}

// dialect is the form of a document.
type dialect string

// UnmarshalText reads the flag: the name or an alias of a format.
func (d *dialect) UnmarshalText(text []byte) error {
	if formats.Known(string(text)) {
		*d = dialect(text)
		return nil
	}
	return oneWord((*string)(d), text, formats.Names())
}

// oneWord reads one word of a list, for flags that may be left out.
func oneWord(to *string, text []byte, words []string) error {
	if !slices.Contains(words, string(text)) {
		return fmt.Errorf("%q is not one of %s", text, strings.Join(words, ", "))
	}
	*to = string(text)
	return nil
}

// identifierFlag is an identifier as scheme=value.
type identifierFlag attestation.Identifier

// UnmarshalText reads the flag.
func (i *identifierFlag) UnmarshalText(text []byte) error {
	scheme, value, ok := strings.Cut(string(text), "=")
	if !ok || scheme == "" || value == "" {
		return errors.New("write an identifier as scheme=value, as cn.cnca.approval=CNCA-R-2002-999")
	}
	i.Scheme, i.Value = scheme, value
	return nil
}

// knownAt is a ledger size or a time.
type knownAt string

// UnmarshalText reads the flag.
func (k *knownAt) UnmarshalText(text []byte) error {
	if _, err := time.Parse(time.RFC3339, string(text)); err != nil && (len(text) == 0 || strings.Trim(string(text), "0123456789") != "") {
		return fmt.Errorf("%q is neither a ledger size, as 42, nor a time of RFC 3339", text)
	}
	*k = knownAt(text)
	return nil
}
