package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"

	"accord/attestation"
	"accord/client"
	"accord/formats/certsearch"
	"accord/internal/fault"
	"accord/signing"
)

// importCmd brings the records of a register into a gateway.
type importCmd struct {
	Key          string         `help:"Private key that signs: PKCS#8 PEM or JWK. Default is the document key of --home." placeholder:"FILE"`
	Report       string         `help:"File for one line for each refused record; beside it stands the state of the import. - for standard output, without a state." placeholder:"FILE"`
	Resume       bool           `help:"Go on where the import that wrote --report was stopped."`
	DryRun       bool           `help:"Check every record, sign and send nothing."`
	AsOf         day            `help:"Date of the extract: since when a status counts that says no date. Default is today." placeholder:"DATE"`
	Zone         zone           `help:"Offset of the dates." default:"+00:00"`
	Lang         string         `help:"Language of the texts, BCP 47." default:"und"`
	Body         identifierFlag `help:"The certification body of records that name none." placeholder:"SCHEME=VALUE"`
	BodyName     string         `help:"Its name." placeholder:"NAME"`
	BodyScheme   string         `help:"Scheme of certification_body_identity_number." default:"org.iafcertsearch.cb"`
	NumberScheme string         `help:"Scheme of certificate_number." default:"org.iafcertsearch.certificate"`
	File         string         `arg:"" help:"CSV or XML records in the manner of IAF CertSearch; - for standard input."`
}

// Help shows examples.
func (importCmd) Help() string {
	return help{
		about: "Each record becomes a document that --home signs as the register: the partner record of the register says for which bodies it acts (actsFor). " +
			"A record that was taken before is the same document and is not archived again, so an import that was stopped may be repeated, or resumed where it was. " +
			"Ends with 0 when every record was taken, 1 when some were refused, 4 when the gateway could not go on.",
		json: "{records, taken, repeated, refused, dryRun, report?}",
		examples: []string{
			"accord import --home ./register --server http://127.0.0.1:8081 --report refused.ndjson extract.csv",
			"accord import --home ./register --server http://127.0.0.1:8081 --report refused.ndjson --resume extract.csv",
			"accord import --dry-run --body cn.cnca.approval=CNCA-R-2002-999 --body-name \"Example Certification\" extract.xml",
		},
	}.String()
}

// Run imports the file.
func (c *importCmd) Run(e *env) error {
	if c.Resume && (c.Report == "" || c.Report == "-" || c.File == "-") {
		return usageError("--resume needs --report FILE, beside which the state stands, and the same input as a file")
	}
	in, size, err := c.open(e)
	if err != nil {
		return err
	}
	defer in.Close()
	opt, err := c.options(e)
	if err != nil {
		return err
	}
	j := &importJob{ctx: e.ctx, now: e.now, opt: opt, progress: progressBar(e, size)}
	if !c.DryRun {
		if j.signer, err = loadSigner(home(e.home), c.Key, signing.UseDoc); err != nil {
			return err
		}
		if j.client, err = e.client(false); err != nil {
			return err
		}
	}
	if j.ledger, err = c.ledger(e, in, &j.opt); err != nil {
		return err
	}
	if err = j.run(in); err == nil {
		err = j.ledger.finish()
	}
	return c.told(e, j, errors.Join(err, j.ledger.close()))
}

// open opens the file; size is in octets, 0 where it is not known.
func (c *importCmd) open(e *env) (io.ReadCloser, uint64, error) {
	if c.File == "-" {
		return io.NopCloser(e.stdin), 0, nil
	}
	info, err := os.Stat(c.File)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, 0, usageError(fmt.Sprintf("cannot read %s: no such file", c.File))
	case err != nil:
		return nil, 0, usageError(fmt.Sprintf("cannot read %s: %v", c.File, errors.Unwrap(err)))
	case info.IsDir():
		return nil, 0, usageError(fmt.Sprintf("cannot read %s: it is a directory", c.File))
	}
	f, err := os.Open(c.File)
	if err != nil {
		return nil, 0, usageError(fmt.Sprintf("cannot read %s: %v", c.File, errors.Unwrap(err)))
	}
	return f, uint64(max(0, info.Size())), nil
}

func (c *importCmd) options(e *env) (certsearch.Options, error) {
	o := certsearch.Options{Lang: c.Lang, Zone: string(c.Zone), AsOf: string(c.AsOf), NumberScheme: c.NumberScheme, BodyScheme: c.BodyScheme}
	if o.Zone == "Z" {
		o.Zone = "+00:00" // one form for one offset
	}
	if o.AsOf == "" {
		o.AsOf = string(zone(o.Zone).today(e.now()))
	}
	if !attestation.ValidLanguage(c.Lang) {
		return o, usageError(fmt.Sprintf("%q is not a language of BCP 47 in its canonical case, as zh-CN", c.Lang))
	}
	if c.Body == (identifierFlag{}) {
		if c.BodyName != "" {
			return o, usageError("--body-name belongs to --body SCHEME=VALUE")
		}
		return o, nil
	}
	id := attestation.Identifier(c.Body)
	o.Body = &attestation.Party{Identifiers: []attestation.Identifier{id}}
	if c.BodyName != "" {
		o.Body.Name = attestation.LText{{Lang: c.Lang, Value: c.BodyName}}
	}
	return o, nil
}

// told prints what became of the import, whole or not.
func (c *importCmd) told(e *env, j *importJob, err error) error {
	n := &j.ledger.state
	result := map[string]any{"records": n.Records, "taken": n.Taken, "repeated": n.Repeated, "refused": n.Refused, "dryRun": c.DryRun}
	if c.Report != "" && c.Report != "-" {
		result["report"] = c.Report
	}
	words := "taken"
	if c.DryRun {
		words = "good"
	}
	if err != nil {
		e.notef("after %d records: %d %s, %d repeated, %d refused\n", n.Records, n.Taken, words, n.Repeated, n.Refused)
		if c.Report != "" && c.Report != "-" && c.File != "-" && passing(err) {
			e.notef("go on with the same call and --resume\n")
		}
		return err
	}
	if c.Report == "-" { // standard output holds the lines alone
		e.notef("%d records: %d %s, %d repeated, %d refused\n", n.Records, n.Taken, words, n.Repeated, n.Refused)
	} else if err := e.result(result, "%d records: %d %s, %d repeated, %d refused", n.Records, n.Taken, words, n.Repeated, n.Refused); err != nil {
		return err
	}
	if n.Refused > 0 {
		return statusError(exitFailed)
	}
	return nil
}

// passing reports whether an error is one that goes by: a gateway that is not
// there, or an import that was stopped.
func passing(err error) bool {
	var p *client.Problem
	if errors.As(err, &p) {
		return exitStatus(p.Code, p.Status) == exitUnavailable
	}
	code := fault.CodeOf(err)
	return exitStatus(code, fault.Lookup(code).Status) == exitUnavailable
}
