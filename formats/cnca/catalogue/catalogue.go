package catalogue

import (
	_ "embed"
	"strings"
	"sync"
	"time"
)

// Route is how the conformity of a product is shown.
type Route string

// The routes. In programme A the maker's own laboratory tests, in B a designated
// one; both end in a declaration of the maker.
const (
	ThirdParty   Route = "third"
	DeclarationA Route = "A"
	DeclarationB Route = "B"
	RouteUnknown Route = "unknown" // the sources contradict each other, or were not read
)

// Basis says how well a line is known.
type Basis string

// The bases, the best first.
const (
	Read     Basis = "read"     // class and name were read in a source
	NameRead Basis = "name"     // the name was read, the class is from recall
	Recalled Basis = "recalled" // both are from recall
	Carried  Basis = "carried"  // taken over from an earlier edition
)

// Edition is one state of the catalogue.
type Edition struct {
	ID   string // as in the code system "cn.cnca.catalogue/ID"
	From string // first day on which certificates were issued by it, YYYY-MM-DD in China
	// Checked says that the day was read in a source; otherwise it is the best
	// known.
	Checked bool
	Note    string
}

// editions are in the order of time. Of the editions before 2020 nothing is held.
var editions = []Edition{
	{"SAMR-2020-18", "2020-04-21", false, "announcement 2020 No. 18: 17 categories, 103 kinds"},
	{"SAMR-2023-added", "2023-08-01", true, "0914, 0915, 0807 and 0907: accepted from 2023-08-01, compulsory from 2024-08-01"},
	{"SAMR-2023-revision", "2023-08-10", true, "16 categories, 96 kinds; which kinds went is not known here, so every class is carried"},
	{"SAMR-2024-routes", "2024-01-01", false, "low-voltage components are said to have gone back to third-party certification (SAMR 2024 No. 9, not read): their route is not known"},
}

// Editions returns the editions in the order of time.
func Editions() []Edition { return append([]Edition(nil), editions...) }

// Product is what the catalogue says of a class at a day.
type Product struct {
	Class   string
	Name    string // in Chinese
	Route   Route
	Basis   Basis
	Edition Edition // in force at the day
	Source  Edition // the one that last spoke of the class: what a code names as its system
}

// Answer says how much is known.
type Answer uint8

// The answers to a look-up.
const (
	NoEdition Answer = iota // no edition of that day is held: nothing is known
	NotListed               // the class stands in no edition up to that day
	Listed
)

// line is one line of products.tsv.
type line struct {
	edition int
	name    string
	route   Route
	basis   Basis
}

//go:embed products.tsv
var table string

// byClass has the lines of each class in the order of time; it is made at the
// first question and never changes.
var byClass = sync.OnceValue(func() map[string][]line {
	place := map[string]int{}
	for i, e := range editions {
		place[e.ID] = i
	}
	m := map[string][]line{}
	for row := range strings.Lines(table) {
		f := strings.Split(strings.TrimSuffix(row, "\n"), "\t")
		if len(f) != 5 || strings.HasPrefix(row, "#") {
			continue
		}
		m[f[1]] = append(m[f[1]], line{edition: place[f[0]], name: f[2], route: Route(f[3]), basis: Basis(f[4])})
	}
	return m
})

// At returns the edition in force on a day, YYYY-MM-DD in China.
func At(day string) (Edition, bool) {
	i := at(day)
	if i < 0 {
		return Edition{}, false
	}
	return editions[i], true
}

func at(day string) int {
	for i := len(editions) - 1; i >= 0; i-- {
		if editions[i].From <= day {
			return i
		}
	}
	return -1
}

// Day is the day in China (UTC+8, without summer time since 1991) of an instant.
func Day(t time.Time) string { return t.UTC().Add(8 * time.Hour).Format(time.DateOnly) }

// Lookup says what the catalogue had under a class of four digits on a day,
// YYYY-MM-DD in China.
func Lookup(class, day string) (Product, Answer) {
	now := at(day)
	if now < 0 {
		return Product{}, NoEdition
	}
	lines := byClass()[class]
	for i := len(lines) - 1; i >= 0; i-- {
		l := &lines[i]
		if l.edition > now {
			continue
		}
		p := Product{Class: class, Name: l.name, Route: l.route, Basis: l.basis, Edition: editions[now], Source: editions[l.edition]}
		if l.edition < now {
			p.Basis = Carried
		}
		return p, Listed
	}
	return Product{}, NotListed
}
