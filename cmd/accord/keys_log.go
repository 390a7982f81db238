package main

import (
	"crypto/ed25519"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"time"

	"accord/certs"
	"accord/configs"
	"accord/evidence"
	"accord/internal/fault"
	"accord/ledger"
	"accord/signing"
	"accord/storage/mongo"
)

// The key of the log is replaced in two steps, so that whoever checks receipts
// knows the new key before anything is signed with it (reliability.md, row 43).
// Announced, it stands in the trust list, in discovery and in partner.json.
// Switched, it signs what follows; the one before stays in those lists for ever,
// because the receipts that it signed stay what they are.
//
//	keys/log.pem        signs checkpoints
//	keys/log-next.pem   is announced
//	keys/log-ID.pem     a former one; nothing needs it any more
//	keys/vkeys.json     the keys of the log with their periods
const (
	logNext   = "log-next.pem"
	vkeysFile = "vkeys.json"
)

// vkeys returns the public keys of the log: the one that signs first, then those
// before it and the one that is announced. A home whose log never had another
// key has no file of them.
func (h home) vkeys(note *ledger.NoteSigner) ([]evidence.VKey, error) {
	own := []evidence.VKey{{VKey: note.VKey()}}
	raw, err := os.ReadFile(h.path("keys", vkeysFile))
	if errors.Is(err, fs.ErrNotExist) {
		return own, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read the keys of the log: %w", err)
	}
	var listed []evidence.VKey
	if err := json.Unmarshal(raw, &listed); err != nil {
		return nil, fault.Wrap(err, fault.KeyRejected, h.path("keys", vkeysFile)+" is not a list of {vkey, from, until}")
	}
	texts := []string{note.VKey()}
	for _, k := range listed {
		if k.VKey == note.VKey() {
			own[0] = k
			continue
		}
		own, texts = append(own, k), append(texts, k.VKey)
	}
	if _, err := ledger.NewVKeys(texts...); err != nil {
		return nil, fmt.Errorf("the keys of the log in %s: %w", h.path("keys", vkeysFile), err)
	}
	return own, nil
}

// formerVKeys are the other keys of the log, for the audit of what they signed.
func (h home) formerVKeys(note *ledger.NoteSigner) ([]string, error) {
	all, err := h.vkeys(note)
	if err != nil {
		return nil, err
	}
	var former []string
	for _, k := range all[1:] {
		if !k.Until.IsZero() { // one that is announced has no end
			former = append(former, k.VKey)
		}
	}
	return former, nil
}

// saveVKeys writes the list whole or not at all.
func (h home) saveVKeys(list []evidence.VKey) error {
	text, err := json.MarshalIndent(list, "", "  ")
	if err != nil {
		return fmt.Errorf("encode the keys of the log: %w", err)
	}
	return replaceFile(h.path("keys", vkeysFile), append(text, '\n'))
}

// replaceFile puts a file in the place of another: whoever reads it, and a
// machine that stops, finds the one or the other.
func replaceFile(path string, content []byte) error {
	part := path + ".part"
	f, err := os.OpenFile(part, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	_, err = f.Write(content)
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	return os.Rename(part, path)
}

// logKeyIn loads a key of the log from a file of keys/.
func (h home) logKeyIn(name string) (ed25519.PrivateKey, error) {
	key, err := certs.LoadKey(h.path("keys", name))
	if err != nil {
		return nil, fmt.Errorf("load log key: %w", err)
	}
	k, ok := key.(ed25519.PrivateKey)
	if !ok {
		return nil, fault.New(fault.KeyRejected, "the log key must be Ed25519")
	}
	return k, nil
}

// rotation is what a step of replacing the log key did.
type rotation struct {
	Use      string `json:"use"`
	VKey     string `json:"vkey"`
	Replaced string `json:"replaced,omitempty"` // vkey; only when it was switched
	Record   string `json:"record"`
}

// announce makes the next key of the log, if there is none, and lists it.
func (h home) announce(e *env, note *ledger.NoteSigner) (*ledger.NoteSigner, error) {
	if _, err := os.Stat(h.path("keys", logNext)); errors.Is(err, fs.ErrNotExist) {
		s, err := signing.GenerateSigner(signing.EdDSA, signing.UseLog)
		if err != nil {
			return nil, err
		}
		pem, err := s.PEM()
		if err != nil {
			return nil, err
		}
		if err := writeNew(h.path("keys", logNext), pem); err != nil {
			return nil, err
		}
	}
	key, err := h.logKeyIn(logNext)
	if err != nil {
		return nil, err
	}
	next, err := ledger.NewNoteSigner(note.Origin(), key)
	if err != nil {
		return nil, err
	}
	list, err := h.vkeys(note)
	if err != nil {
		return nil, err
	}
	if !listed(list, next.VKey()) {
		if err := h.saveVKeys(append(list, evidence.VKey{VKey: next.VKey(), From: e.now().UTC().Truncate(time.Second)})); err != nil {
			return nil, err
		}
	}
	return next, h.recordVKey(next.VKey())
}

func listed(list []evidence.VKey, vkey string) bool {
	for _, k := range list {
		if k.VKey == vkey {
			return true
		}
	}
	return false
}

// recordVKey puts a key of the log beside the others of partner.json.
func (h home) recordVKey(vkey string) error {
	p, err := h.partner()
	if err != nil {
		return err
	}
	for _, v := range p.Trust.VKeys {
		if v == vkey {
			return nil
		}
	}
	p.Trust.VKeys = append(p.Trust.VKeys, vkey)
	record, err := json.MarshalIndent(p, "", "  ")
	if err != nil {
		return fmt.Errorf("encode partner record: %w", err)
	}
	return replaceFile(h.path("partner.json"), append(record, '\n'))
}

// rotateLog announces the next key of the log, or puts it in place.
func (c *keysRotateCmd) rotateLog(e *env, h home) error {
	cfg, err := h.config()
	if err != nil {
		return err
	}
	if err := h.resumeSwitch(); err != nil {
		return err
	}
	note, err := h.noteSigner(cfg)
	if err != nil {
		return err
	}
	if !c.Switch {
		next, err := h.announce(e, note)
		if err != nil {
			return err
		}
		e.notef("accord: start the gateway again, and the trust list names the key; hand %s over: accord partner add. Then stop the gateway and run accord keys rotate --switch log\n", h.path("partner.json"))
		return c.rotated(e, rotation{Use: c.Use, VKey: next.VKey(), Record: h.path("partner.json")})
	}
	if _, err := os.Stat(h.path("keys", logNext)); errors.Is(err, fs.ErrNotExist) {
		e.notef("accord: the key was not announced: whoever checks receipts learns it with the next trust list\n")
	}
	next, err := h.announce(e, note)
	if err != nil {
		return err
	}
	until, err := h.succeed(e, cfg, note, next)
	if err != nil {
		return err
	}
	if err := h.switchFiles(note, next, until); err != nil {
		return err
	}
	e.notef("accord: start the gateway again; %s, with the next trust list, has both keys\n", h.path("partner.json"))
	return c.rotated(e, rotation{Use: c.Use, VKey: next.VKey(), Replaced: note.VKey(), Record: h.path("partner.json")})
}

func (c *keysRotateCmd) rotated(e *env, r rotation) error {
	if e.format == "json" {
		return e.printJSON(r)
	}
	e.printf("%s\n", r.VKey)
	return nil
}

// succeed lets the log go on under the next key and returns the end of the
// period of the one before: behind everything that it signed. What was done
// already, when the command was interrupted, is not done again.
func (h home) succeed(e *env, cfg *configs.Config, note, next *ledger.NoteSigner) (time.Time, error) {
	until, err := h.reigns(e, cfg, next)
	if err == nil {
		return until, nil
	}
	archive, err := openArchive(e.ctx, h, cfg, note, slog.New(slog.DiscardHandler), func(error) {}, nil)
	if err != nil {
		return until, err
	}
	if err := errors.Join(archive.Succeed(e.ctx, next), archive.Close()); err != nil {
		return until, err
	}
	if err := h.rekey(e, cfg, next); err != nil {
		return until, err
	}
	return h.reigns(e, cfg, next)
}

// reigns says whether a key signs the newest checkpoint of the log; its error is
// that it does not. It returns a time behind every entry there is.
func (h home) reigns(e *env, cfg *configs.Config, note *ledger.NoteSigner) (time.Time, error) {
	archive, err := openArchive(e.ctx, h, cfg, note, slog.New(slog.DiscardHandler), func(error) {}, nil)
	if err != nil {
		return time.Time{}, err
	}
	last := e.now()
	_, err = archive.Checkpoint()
	if size := archive.Size(); err == nil && size > 0 {
		newest, readErr := archive.At(e.ctx, size-1)
		if err = readErr; err == nil {
			rec, parseErr := newest.Parsed()
			if err = parseErr; err == nil {
				var at time.Time
				if at, err = rec.ReceivedAt(); at.After(last) {
					last = at
				}
			}
		}
	}
	return last.UTC().Truncate(time.Second).Add(time.Second), errors.Join(err, archive.Close())
}

// rekey tells a database which key the log has now.
func (h home) rekey(e *env, cfg *configs.Config, note *ledger.NoteSigner) (err error) {
	if cfg.Archive().Scheme != schemeMongo {
		return nil
	}
	id, err := h.ledgerIdentity(cfg, note)
	if err != nil {
		return err
	}
	conn, err := connect(e.ctx, cfg.Archive())
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, disconnect(conn)) }()
	return mongo.Rekey(e.ctx, conn, mongo.Identity{Origin: id.Origin, Issuer: id.Issuer}, id)
}

// switchFiles lists the periods, then puts the next key in place. The former one
// stays beside it under its id.
func (h home) switchFiles(note, next *ledger.NoteSigner, until time.Time) error {
	list, err := h.vkeys(note)
	if err != nil {
		return err
	}
	for i := range list {
		if list[i].VKey == note.VKey() && list[i].Until.IsZero() {
			list[i].Until = until
		}
	}
	if err := h.saveVKeys(list); err != nil {
		return err
	}
	if err := os.Rename(h.path("keys", "log.pem"), h.path("keys", "log-"+note.KeyID()+".pem")); err != nil {
		return fmt.Errorf("keep the former key: %w", err)
	}
	return h.resumeSwitch()
}

// resumeSwitch ends a switch of which nothing but the last step is missing.
func (h home) resumeSwitch() error {
	if _, err := os.Stat(h.path("keys", "log.pem")); !errors.Is(err, fs.ErrNotExist) {
		return nil // there is one, or the next who reads it says why not
	}
	if err := os.Rename(h.path("keys", logNext), h.path("keys", "log.pem")); err != nil {
		return fmt.Errorf("put the next key of the log in place: %w", err)
	}
	return nil
}
