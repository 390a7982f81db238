package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"accord/client"
	"accord/internal/fault"
)

// pullPage is how many entries are asked for at a time.
const pullPage = 200

// pullCmd pulls the feed.
type pullCmd struct {
	Since string        `help:"Cursor to go on from; default is where the last pull into this gateway ended, or the beginning." placeholder:"CURSOR"`
	Out   string        `help:"Write each entry and its document into this directory." placeholder:"DIR"`
	Into  httpURL       `help:"Post what was pulled to this gateway of mine, as coming from --as." placeholder:"URL"`
	As    partnerID     `help:"Partner id of the gateway that was pulled (with --into)." placeholder:"PARTNER"`
	Wait  time.Duration `help:"Wait that long for something new." placeholder:"30s"`
}

// Help shows examples.
func (pullCmd) Help() string {
	return help{
		about: "Into a gateway go documents and status statements with their receipts, and the signed high-water mark of each page; entries of the registry are skipped, for each gateway has its own. Nothing is posted twice.",
		json:  "{entries, posted, replayed, skipped, refused, marks, cursor}",
		examples: []string{
			"accord pull --home ./nz --server http://127.0.0.1:8081 --into http://127.0.0.1:8082 --as cn-authority",
			"accord pull --home ./nz --server http://127.0.0.1:8081 --out ./pulled --wait 30s",
		},
	}.String()
}

// pullResult counts what came. Entries is the sum of posted, replayed, skipped
// and refused where it was posted; marks are counted apart.
type pullResult struct {
	Entries  int    `json:"entries"`
	Posted   int    `json:"posted"`
	Replayed int    `json:"replayed"` // there already
	Skipped  int    `json:"skipped"`  // of kinds that are not carried over
	Refused  int    `json:"refused"`  // a mark that was refused is one too
	Marks    int    `json:"marks"`    // high-water marks that were kept
	Cursor   string `json:"cursor"`

	into bool
}

// Run pulls until the feed is at its end.
func (c *pullCmd) Run(e *env) error {
	switch {
	case (c.Into == "") != (c.As == ""):
		return usageError("--into and --as go together: the gateway of mine, and the partner id of the one that is pulled")
	case c.Wait < 0:
		return usageError("--wait is a time from now on, as 30s")
	}
	cl, err := e.client(false)
	if err != nil {
		return err
	}
	var into *client.Client
	if c.Into != "" {
		if into, err = e.clientOf(string(c.Into), true); err != nil {
			return err
		}
	}
	sum := &pullResult{into: into != nil}
	if err := c.pull(e, cl, into, sum); err != nil {
		return err
	}
	if e.format == "json" {
		err = e.printJSON(sum)
	} else {
		sum.print(e)
	}
	if err == nil && sum.Refused > 0 {
		return statusError(exitFailed)
	}
	return err
}

func (r *pullResult) print(e *env) {
	e.printf("%d entries pulled", r.Entries)
	if r.into {
		e.printf(", %d posted, %d there already, %d skipped, %d refused", r.Posted, r.Replayed, r.Skipped, r.Refused)
		if r.Marks > 0 {
			e.printf("; the high-water mark is kept")
		}
	}
	e.printf("\ncursor %s\n", r.Cursor)
}

// pull takes page after page; where they go into a gateway the cursor is kept
// after each.
func (c *pullCmd) pull(e *env, cl, into *client.Client, sum *pullResult) error {
	state := home(e.home).path("cursor-" + fileName(e.server) + "-" + fileName(string(c.Into)))
	sum.Cursor = c.Since
	if c.Since == "" && into != nil {
		saved, _ := os.ReadFile(state) // no file: from the beginning
		sum.Cursor = string(saved)
	}
	for {
		page, err := cl.Changes(e.ctx, client.FeedQuery{Cursor: sum.Cursor, Limit: pullPage, Wait: c.Wait, Include: "document,message,receipt"})
		if err != nil {
			return c.badCursor(e, err, state)
		}
		if err := c.take(e, into, page, sum); err != nil {
			return err
		}
		sum.Cursor = page.Next
		if into != nil && sum.Refused == 0 {
			if err := os.WriteFile(state, []byte(page.Next), 0o600); err != nil {
				return fmt.Errorf("save cursor: %w", err)
			}
		}
		if len(page.Lines) < pullPage {
			return nil
		}
	}
}

// badCursor says what to do about a cursor that the feed does not take.
func (c *pullCmd) badCursor(e *env, err error, state string) error {
	var p *client.Problem
	if errors.As(err, &p) && (p.Code == fault.CursorExpired || p.Code == fault.CursorInvalid) && c.Since == "" {
		e.notef("accord: remove %s to pull from the beginning; what is there already is not posted twice\n", state)
	}
	return err
}

func (c *pullCmd) take(e *env, into *client.Client, page *client.FeedPage, sum *pullResult) error {
	sum.Entries += len(page.Lines)
	if c.Out != "" {
		if err := c.save(page); err != nil {
			return err
		}
	}
	if into == nil {
		return nil
	}
	lines, err := page.Relay()
	if err != nil {
		return err
	}
	var names []string // of the lines, for people
	for i := range page.Lines {
		if l := &page.Lines[i]; l.Relayable() {
			names = append(names, fmt.Sprintf("entry %d (%s)", l.Index, l.Kind))
		}
	}
	sum.Skipped += len(page.Lines) - len(names)
	n := 0
	return into.Batch(e.ctx, string(c.As), lines, func(r client.LineResult) error {
		isMark, name := n == len(names), "high-water mark"
		if !isMark {
			name = names[n]
		}
		n++
		switch {
		case r.Problem != nil:
			sum.Refused++
			e.notef("%s: %v\n", name, r.Problem)
		case isMark:
			sum.Marks++
		case r.Status == 200:
			sum.Replayed++
		default:
			sum.Posted++
		}
		return nil
	})
}

// save writes each entry of a page as a file.
func (c *pullCmd) save(page *client.FeedPage) error {
	if err := os.MkdirAll(c.Out, 0o700); err != nil {
		return usageError("cannot make the directory: " + err.Error())
	}
	for _, l := range page.Lines {
		if err := os.WriteFile(filepath.Join(c.Out, fmt.Sprintf("%012d-%s.json", l.Index, l.Kind)), l.Raw, 0o600); err != nil {
			return fmt.Errorf("write entry: %w", err)
		}
	}
	return nil
}

// fileName makes a file name of a URL.
func fileName(u string) string {
	return strings.Map(func(r rune) rune {
		if strings.ContainsRune(":/?#", r) {
			return '_'
		}
		return r
	}, u)
}
