package mailbox

import (
	"bytes"
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"html/template"
	"mime"
	"net/http"
	"strconv"
)

const (
	jsonLimit = 100
	pageLimit = 50
)

// What a page of ours may load, and what the HTML part of a mail may: styles of
// its own, nothing else; it runs in a frame without scripts or our origin.
const (
	pagePolicy = "default-src 'none'; style-src 'self'; img-src 'self'; frame-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
	mailPolicy = "sandbox allow-popups allow-popups-to-escape-sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:; form-action 'none'; base-uri 'none'; frame-ancestors 'self'"
	filePolicy = "sandbox; default-src 'none'"
)

//go:embed web
var webFiles embed.FS

// handler is a request's work; its error becomes the answer.
type handler func(http.ResponseWriter, *http.Request) error

// routes is every address of the mailbox. Writes from other sites' pages are
// refused.
func (m *Mailbox) routes() (http.Handler, error) {
	pages, err := template.ParseFS(webFiles, "web/*.html")
	if err != nil {
		return nil, fmt.Errorf("mailbox: %w", err)
	}
	mux := http.NewServeMux()
	for pattern, h := range map[string]handler{
		"GET /{$}":                           m.listPage(pages),
		"GET /messages/{id}":                 m.messagePage(pages),
		"GET /messages/{id}/html":            m.htmlPart,
		"GET /messages/{id}/raw":             m.rawMail,
		"GET /messages/{id}/attachments/{n}": m.attachmentFile,
		"GET /messages.json":                 m.listJSON,
		"GET /admin/refuse":                  m.showRefuse,
		"POST /admin/refuse":                 m.setRefuse,
		"GET /healthz":                       m.health,
		"GET /style.css":                     asset("web/style.css", "text/css; charset=utf-8"),
		"GET /icon.svg":                      asset("web/icon.svg", "image/svg+xml"),
	} {
		mux.Handle(pattern, m.adapt(h))
	}
	return http.NewCrossOriginProtection().Handler(mux), nil
}

// badRequest is an error that the caller made.
type badRequest string

// Error says what was wrong.
func (b badRequest) Error() string { return string(b) }

// adapt sets the headers that all answers share and answers errors.
func (m *Mailbox) adapt(h handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		header := w.Header()
		header.Set("Content-Security-Policy", pagePolicy)
		header.Set("X-Content-Type-Options", "nosniff")
		header.Set("Referrer-Policy", "no-referrer")
		header.Set("Cache-Control", "no-store")
		err := h(w, r)
		var bad badRequest
		switch {
		case err == nil:
		case errors.Is(err, ErrNotFound):
			http.Error(w, "그런 메일이 없습니다. No such mail.", http.StatusNotFound)
		case errors.As(err, &bad):
			http.Error(w, bad.Error(), http.StatusBadRequest)
		default:
			m.config.Log.Error("mailbox page failed", "path", r.URL.Path, "error", err)
			http.Error(w, "잠시 뒤에 다시 시도해 주세요. Please try again.", http.StatusInternalServerError)
		}
	})
}

// render answers with a page, once it is complete.
func render(w http.ResponseWriter, pages *template.Template, name string, data any) error {
	var page bytes.Buffer
	if err := pages.ExecuteTemplate(&page, name, data); err != nil {
		return err
	}
	return send(w, "text/html; charset=utf-8", page.Bytes())
}

// send writes an answer. Once it was begun nobody is left to be told of an
// error, so there is none.
func send(w http.ResponseWriter, kind string, data []byte) error {
	w.Header().Set("Content-Type", kind)
	_, _ = w.Write(data)
	return nil
}

func sendJSON(w http.ResponseWriter, value any) error {
	data, err := json.Marshal(value)
	if err != nil {
		return err
	}
	return send(w, "application/json", append(data, '\n'))
}

// listing is the data of the list page.
type listing struct {
	To    string
	Total int
	Mails []*entry
	Older int64 // continue before this number; 0 at the end
	First bool
}

func (m *Mailbox) listPage(pages *template.Template) handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		before, err := number(r.FormValue("before"))
		if err != nil {
			return err
		}
		to := addressKey(r.FormValue("to"))
		mails := m.store.list(to, before, pageLimit+1)
		data := listing{To: to, Total: m.store.count(), Mails: mails, First: before == 0}
		if len(mails) > pageLimit {
			data.Mails = mails[:pageLimit]
			data.Older = mails[pageLimit-1].ID
		}
		return render(w, pages, "list.html", data)
	}
}

func (m *Mailbox) messagePage(pages *template.Template) handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		mail, err := m.requested(r)
		if err != nil {
			return err
		}
		return render(w, pages, "message.html", struct {
			Message
			Parts []textPart
		}{mail, linked(mail.Text)})
	}
}

// requested is the mail that the path names, or ErrNotFound.
func (m *Mailbox) requested(r *http.Request) (Message, error) {
	e, err := m.entry(r)
	if err != nil {
		return Message{}, err
	}
	return m.open(e)
}

func (m *Mailbox) entry(r *http.Request) (*entry, error) {
	id, err := strconv.ParseInt(r.PathValue("id"), 10, 64)
	if err != nil {
		return nil, ErrNotFound
	}
	return m.store.find(id)
}

func (m *Mailbox) htmlPart(w http.ResponseWriter, r *http.Request) error {
	mail, err := m.requested(r)
	if err != nil {
		return err
	}
	if mail.HTML == "" {
		return ErrNotFound
	}
	w.Header().Set("Content-Security-Policy", mailPolicy)
	return send(w, "text/html; charset=utf-8", []byte(mail.HTML))
}

func (m *Mailbox) rawMail(w http.ResponseWriter, r *http.Request) error {
	e, err := m.entry(r)
	if err != nil {
		return err
	}
	raw, err := m.store.read(e)
	if err != nil {
		return err
	}
	w.Header().Set("Content-Security-Policy", filePolicy)
	return send(w, "text/plain; charset=utf-8", raw)
}

func (m *Mailbox) attachmentFile(w http.ResponseWriter, r *http.Request) error {
	mail, err := m.requested(r)
	if err != nil {
		return err
	}
	n, err := strconv.Atoi(r.PathValue("n"))
	if err != nil || n < 1 || n > len(mail.Attachments) {
		return ErrNotFound
	}
	file := mail.Attachments[n-1]
	disposition := mime.FormatMediaType("attachment", map[string]string{"filename": file.Name})
	w.Header().Set("Content-Security-Policy", filePolicy)
	w.Header().Set("Content-Disposition", disposition)
	return send(w, mediaType(file.Type), file.content)
}

// mediaType is a type that a mail claims, if it is one.
func mediaType(claimed string) string {
	if kind, _, err := mime.ParseMediaType(claimed); err == nil {
		return kind
	}
	return "application/octet-stream"
}

func (m *Mailbox) listJSON(w http.ResponseWriter, r *http.Request) error {
	entries := m.store.list(addressKey(r.FormValue("to")), 0, jsonLimit)
	out := make([]Message, 0, len(entries))
	for _, e := range entries {
		mail, err := m.open(e)
		if errors.Is(err, ErrNotFound) {
			continue // dropped since the list was made
		}
		if err != nil {
			return err
		}
		out = append(out, mail)
	}
	return sendJSON(w, out)
}

// refusal is the state of the fault switch.
type refusal struct {
	Refuse  bool  `json:"refuse"`
	Refused int64 `json:"refused"` // mails refused so far
}

func (m *Mailbox) showRefuse(w http.ResponseWriter, _ *http.Request) error {
	return sendJSON(w, refusal{m.refuse.Load(), m.refused.Load()})
}

func (m *Mailbox) setRefuse(w http.ResponseWriter, r *http.Request) error {
	on, err := strconv.ParseBool(r.FormValue("on"))
	if err != nil {
		return badRequest("on must be 1 or 0")
	}
	m.refuse.Store(on)
	return m.showRefuse(w, r)
}

func (m *Mailbox) health(w http.ResponseWriter, _ *http.Request) error {
	return send(w, "text/plain; charset=utf-8", []byte("ok\n"))
}

func asset(name, kind string) handler {
	return func(w http.ResponseWriter, _ *http.Request) error {
		data, err := webFiles.ReadFile(name)
		if err != nil {
			return err
		}
		return send(w, kind, data)
	}
}

// number reads an optional positive number.
func number(text string) (int64, error) {
	if text == "" {
		return 0, nil
	}
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil || n < 1 {
		return 0, badRequest("before must be a number")
	}
	return n, nil
}
