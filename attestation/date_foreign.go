package attestation

// ReadDate reads a date as registers and foreign documents write it: YYYY-MM-DD,
// YYYYMMDD, or an instant with its offset. zone is that of the source and goes
// to a date; lexical keeps what was written otherwise. open is true for what
// stands for no end: nothing, a date of zeros, 长期有效. A signed submission is
// stricter, see [Submission.Validate]. The error is doc.date_invalid.
func ReadDate(s, zone string) (d DateV, open bool, err error) {
	switch s {
	case "", "0000-00-00", "00000000", "长期有效":
		return DateV{}, true, nil
	}
	d = DateV{Value: s}
	if len(s) == 8 && allDigits(s) {
		d = DateV{Value: s[:4] + "-" + s[4:6] + "-" + s[6:], Lexical: s}
	}
	if d.DateOnly() {
		d.Zone = zone
	}
	if _, err := d.Start(); err != nil {
		return DateV{}, false, err
	}
	return d, false, nil
}
