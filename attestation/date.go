package attestation

import (
	"time"

	"accord/internal/fault"
)

// DateOnly says whether the value has no time of day.
func (d DateV) DateOnly() bool { return len(d.Value) == len(time.DateOnly) }

// IsZero says whether there is no date.
func (d DateV) IsZero() bool { return d.Value == "" }

// Start returns the instant at which the date begins: for a date 00:00 in its
// zone (+00:00 where it has none), for an instant itself. The error is
// doc.date_invalid or, for the zone, schema.format.
func (d DateV) Start() (time.Time, error) {
	t, ok := readDate(d.Value)
	if !ok {
		return time.Time{}, fault.New(fault.DocDateInvalid, "want YYYY-MM-DD, or an instant with its offset")
	}
	if !d.DateOnly() || d.Zone == "" {
		return t, nil
	}
	offset, ok := readZone(d.Zone)
	if !ok {
		return time.Time{}, fault.New(fault.SchemaFormat, "want a zone as +08:00 or Z")
	}
	return t.Add(-offset), nil
}

// End returns the first instant after the date, read as the end of a validity or
// suspension: an inclusive date ends at 24:00 in its zone (2029-09-25 at +08:00
// is 2029-09-25T16:00:00Z), an exclusive one when it begins. An instant is its
// own end.
func (d DateV) End() (time.Time, error) {
	t, err := d.Start()
	if err != nil || !d.DateOnly() || d.Inclusive == False {
		return t, err
	}
	return t.Add(24 * time.Hour), nil // a fixed offset has no days of another length
}

// Instant is [DateV.Start] for a date that was validated: one that cannot be read
// is the zero time.
func (d DateV) Instant() time.Time {
	t, _ := d.Start()
	return t
}

// EndInstant is [DateV.End] for a date that was validated.
func (d DateV) EndInstant() time.Time {
	t, _ := d.End()
	return t
}

// ActDate returns the instant that decides which scope, designation or catalogue
// edition applies to a revision: decided, else changed, else issued (domain.md,
// section 3). It is the zero time where that date cannot be read.
func (s *Submission) ActDate() time.Time { return s.Dates.Act().Instant() }

// Act returns the date of the act that a revision records.
func (d *Dates) Act() DateV {
	switch {
	case d.Decided != nil:
		return *d.Decided
	case d.Changed != nil:
		return *d.Changed
	default:
		return d.Issued
	}
}

// day is what a date without a time of day spans.
const day = 24 * time.Hour

// readDate reads YYYY-MM-DD, as midnight UTC, or an XML dateTimeStamp
// (XSD 1.1 part 2, section 3.4.28) with a year of four digits. 24:00:00 is the
// beginning of the next day; more than nine digits of a second are cut.
func readDate(s string) (time.Time, bool) {
	if len(s) < 10 || s[4] != '-' || s[7] != '-' {
		return time.Time{}, false
	}
	year, ok1 := digits(s[:4])
	month, ok2 := digits(s[5:7])
	dom, ok3 := digits(s[8:10])
	if !ok1 || !ok2 || !ok3 || year == 0 || month < 1 || month > 12 || dom < 1 || dom > daysIn(year, month) {
		return time.Time{}, false
	}
	date := time.Date(year, time.Month(month), dom, 0, 0, 0, 0, time.UTC)
	if len(s) == 10 {
		return date, true
	}
	clock, offset, ok := readClock(s[10:])
	return date.Add(clock - offset), ok
}

// readClock reads Thh:mm:ss[.fff] and an offset, which is required.
func readClock(s string) (clock, offset time.Duration, ok bool) {
	if len(s) < 10 || s[0] != 'T' || s[3] != ':' || s[6] != ':' {
		return 0, 0, false
	}
	hour, ok1 := digits(s[1:3])
	minute, ok2 := digits(s[4:6])
	second, ok3 := digits(s[7:9])
	fraction, rest, ok4 := readFraction(s[9:])
	offset, ok5 := readZone(rest)
	clock = time.Duration(hour)*time.Hour + time.Duration(minute)*time.Minute + time.Duration(second)*time.Second + fraction
	ok = ok1 && ok2 && ok3 && ok4 && ok5 && minute < 60 && second < 60 && (hour < 24 || clock == day)
	return clock, offset, ok
}

// readFraction reads an optional fraction of a second.
func readFraction(s string) (fraction time.Duration, rest string, ok bool) {
	if s == "" || s[0] != '.' {
		return 0, s, true
	}
	unit := time.Second / 10
	i := 1
	for ; i < len(s) && s[i] >= '0' && s[i] <= '9'; i++ {
		fraction += time.Duration(s[i]-'0') * unit
		unit /= 10
	}
	return fraction, s[i:], i > 1
}

// readZone reads Z or an offset up to 14:00.
func readZone(s string) (time.Duration, bool) {
	if s == "Z" {
		return 0, true
	}
	if len(s) != 6 || s[0] != '+' && s[0] != '-' || s[3] != ':' {
		return 0, false
	}
	h, ok1 := digits(s[1:3])
	m, ok2 := digits(s[4:6])
	offset := time.Duration(h)*time.Hour + time.Duration(m)*time.Minute
	if !ok1 || !ok2 || m > 59 || offset > 14*time.Hour {
		return 0, false
	}
	if s[0] == '-' {
		offset = -offset
	}
	return offset, true
}

// digits reads a short string of decimal digits.
func digits(s string) (n int, ok bool) {
	for i := range len(s) {
		c := s[i]
		if c < '0' || c > '9' {
			return 0, false
		}
		n = n*10 + int(c-'0')
	}
	return n, len(s) > 0
}

func daysIn(year, month int) int {
	switch month {
	case 4, 6, 9, 11:
		return 30
	case 2:
		if year%4 == 0 && (year%100 != 0 || year%400 == 0) {
			return 29
		}
		return 28
	default:
		return 31
	}
}
