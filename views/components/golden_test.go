package components

import (
	"bytes"
	"context"
	"flag"
	"io"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/a-h/templ"

	"pigonair/views/texts"
)

var update = flag.Bool("update", false, "write the golden files anew")

// examples are the components whose HTML is kept in testdata, one file each.
func examples() map[string]templ.Component {
	at := time.Date(2026, 12, 24, 6, 15, 0, 0, time.FixedZone("KST", 9*60*60))
	gimpo, jeju := Place{Code: "GMP", Name: "김포"}, Place{Code: "CJU", Name: "제주"}
	leg := LegSpec{From: gimpo, To: jeju, Depart: at, Arrive: at.Add(19 * time.Hour), Duration: 70 * time.Minute, Flight: "ZP101"}
	return map[string]templ.Component{
		"button":       Button(ButtonSpec{Label: "15분 잡아 두기", Action: "hold", Name: "seat", Value: "ZP101-20261224:auto", Block: true}),
		"button_small": Button(ButtonSpec{Label: "<b>", Kind: Danger, Small: true, Icon: IconClose, Attrs: templ.Attributes{"hx-post": "/x"}}),
		"link":         LinkButton(LinkSpec{Label: "내 여행", URL: "/bookings", Kind: Quiet, Action: "continue"}),
		"link_unsafe":  LinkButton(LinkSpec{Label: "x", URL: "/?a=1&b=\"2\""}),
		"dialog_link":  DialogButton("fees", LinkSpec{Label: "수수료", URL: "/fees"}),
		"field":        Field(FieldSpec{Name: "email", Label: "이메일", Type: "email", Value: `"><script>alert(1)</script>`, Hint: "h", Error: "e", Autocomplete: "email", MaxLength: 254, Required: true}),
		"field_plain":  Field(FieldSpec{Name: "given", ID: "p1-given", Label: "이름", Optional: true}),
		"password":     Field(FieldSpec{Name: "password", Label: "비밀번호", Type: "password", Autocomplete: "new-password", Reveal: true}),
		"select":       Select(SelectSpec{Name: "country", Label: "국적", Value: "KR", Autocomplete: "country", Error: "e", Options: []Option{{Value: "KR", Label: "대한민국"}, {Value: "JP", Label: "일본", Disabled: true}}}),
		"choices":      Choices(ChoicesSpec{Name: "fare", Legend: "운임", Error: "e", Options: []Choice{{Value: "A", Label: "특가", Detail: "환불 불가", Aside: "9,900원"}, {Value: "B", Label: "일반", Disabled: true}}}),
		"checkbox":     Checkbox(CheckboxSpec{Name: "terms", Label: "동의합니다", Hint: "h", Error: "e", Required: true, Checked: true}),
		"stepper":      Stepper(StepperSpec{Name: "adults", Label: "성인", Value: 1, Min: 1, Max: 9}),
		"summary":      ErrorSummary([]Fault{{ID: "email", Message: "이메일을 적어 주세요."}}),
		"summary_none": ErrorSummary(nil),
		"badge":        Badge(Sale, "특가"),
		"note":         withChildren(Note(Bad, "결제되지 않았습니다"), templ.Raw("<p>좌석은 그대로입니다.</p>")),
		"card":         withChildren(Card(CardSpec{Title: "여정", ID: "trip", Aside: "왕복"}), templ.Raw("<p>x</p>")),
		"table":        withChildren(Table("탑승객", []Column{{Label: "이름"}, {Label: "값", Number: true}, {Label: "할 일", Hidden: true}}), templ.Raw("<tr><td>김하늘</td><td class=\"n\">1</td><td></td></tr>")),
		"dialog":       withChildren(Dialog("fees", "수수료"), templ.Raw("<p>x</p>")),
		"toast":        Toast("저장했습니다."),
		"empty":        withChildren(Empty("여행이 없습니다", "여기에 모입니다."), templ.NopComponent),
		"skeleton":     Skeleton(2),
		"pager":        Pager(PagerSpec{Next: "/flights?after=x"}),
		"pager_none":   Pager(PagerSpec{}),
		"steps":        PurchaseSteps(1),
		"tile":         Tile("기다림", "8,140", "자리 비움 322"),
		"lines":        Lines([]Line{{Label: "항공운임", Amount: 9900}, {Label: "총액", Amount: 31600, Sum: true}}),
		"extra":        templ.Join(Extra(9000), Extra(0)),
		"price":        templ.Join(Price(9900), BigPrice(1234567)),
		"leg":          Leg(leg),
		"route":        Route(gimpo, jeju),
		"times":        templ.Join(Clock(at), DateTime(at)),
		"days":         DayStrip("다른 날", []DaySpec{{Date: at, Price: 31600, URL: "/a", Current: true, Lowest: true}, {Date: at.AddDate(0, 0, 1), Price: -1, URL: "/b"}}),
		"meter":        Meter(MeterSpec{Value: 5, Max: 0, Label: "x"}),
		"countdown":    Countdown(CountdownSpec{Seconds: 761, Label: "남은 시간", Reload: true, Attrs: templ.Attributes{"data-ref": "K7M2QX", "data-booking-state": "held"}}),
		"errorpage":    ErrorPage("없습니다", "주소가 바뀌었습니다.", "01J8Z0"),
	}
}

func withChildren(c, children templ.Component) templ.Component {
	return templ.ComponentFunc(func(ctx context.Context, w io.Writer) error {
		return c.Render(templ.WithChildren(ctx, children), w)
	})
}

func TestGolden(t *testing.T) {
	for name, component := range examples() {
		for _, lang := range texts.Languages() {
			file := filepath.Join("testdata", name+"."+lang+".html")
			got := render(t, lang, component)
			if *update {
				if err := os.WriteFile(file, got, 0o644); err != nil {
					t.Fatal(err)
				}
				continue
			}
			want, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if !bytes.Equal(got, want) {
				t.Errorf("%s (run with -update if this is meant):\n got %s\nwant %s", file, got, want)
			}
		}
	}
}

func render(t testing.TB, lang string, c templ.Component) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := c.Render(texts.WithLang(context.Background(), lang), &b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}
