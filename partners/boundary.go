package partners

import "time"

// boundaries calls f with every instant at which something of the value begins
// or ends.
func boundaries(v any, f func(time.Time)) {
	spans := func(list []Span) {
		for _, s := range list {
			f(s.From)
			f(s.Until)
		}
	}
	statuses := func(list []StatusSpan) {
		for _, s := range list {
			f(s.From)
			f(s.Until)
		}
	}
	switch v := v.(type) {
	case *Partner:
		statuses(v.Status)
		for _, a := range v.ActsFor {
			spans(a.Periods)
		}
		for _, a := range v.Trust.Anchors {
			f(a.From)
			f(a.Until)
		}
		for _, k := range v.Trust.Keys {
			f(k.NotBefore)
			f(k.Expires)
			if k.Revoked != nil {
				f(k.Revoked.At)
			}
		}
	case *Agreement:
		f(v.Period.InForce)
		f(v.Period.Provisional)
		f(v.Period.Terminated)
		for _, p := range v.Parties {
			spans(p.Periods)
		}
		for _, a := range v.Activations {
			spans(a.Periods)
		}
		for _, s := range v.Scopes {
			spans(s.Periods)
		}
		for _, s := range v.Suspensions {
			f(s.From)
			f(s.Until)
		}
	case *Designation:
		statuses(v.Periods)
	case *Sanction:
		spans(v.Periods)
	}
}
