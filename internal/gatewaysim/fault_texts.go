package gatewaysim

import "strings"

// words are one thing in both languages.
type words struct{ ko, en string }

func (w words) in(lang string) string {
	if lang == "en" {
		return w.en
	}
	return w.ko
}

var (
	paymentFaultWords = map[string]words{
		faultBefore:      {"웹훅이 쇼핑몰로 돌아가기 전에 도착", "Webhook arrives before the return"},
		faultAfter:       {"웹훅이 늦게 도착", "Webhook arrives late"},
		faultTwice:       {"웹훅이 두 번 도착", "Webhook arrives twice"},
		faultReordered:   {"웹훅이 거꾸로 된 순서로 도착", "Webhooks arrive newest first"},
		faultDropped:     {"웹훅이 오지 않음", "Webhooks never arrive"},
		faultAmount:      {"결제 금액이 바뀜", "The amount is tampered with"},
		faultTestChannel: {"테스트 채널로 결제", "Goes through a TEST channel"},
	}
	operationWords = map[string]words{
		opGet:         {"조회", "Get"},
		opList:        {"목록", "List"},
		opPreRegister: {"사전 등록", "Pre-register"},
		opConfirm:     {"승인", "Confirm"},
		opCancel:      {"취소", "Cancel"},
		opResend:      {"웹훅 재발송", "Resend webhook"},
	}
	kindWords = map[string]words{
		kindError:      {"처리하지 않고 오류로 응답", "5xx, nothing done"},
		kindErrorAfter: {"처리한 뒤 오류로 응답", "5xx after it took effect"},
		kindLost:       {"처리한 뒤 응답 없이 끊김", "took effect, answer lost"},
		kindHang:       {"처리한 뒤 응답이 멈춤", "took effect, answer hangs"},
		kindLate:       {"멈췄다가 뒤늦게 처리", "hangs, then takes effect"},
		kindRefused:    {"카드사·은행이 거절", "refused by the card company or bank"},
	}
)

// faultLabel says in words what a fault is.
func faultLabel(name, lang string) string {
	if w, ok := paymentFaultWords[name]; ok {
		return w.in(lang)
	}
	for op, w := range operationWords {
		if kind, found := strings.CutPrefix(name, op+"-"); found {
			return w.in(lang) + ": " + kindWords[kind].in(lang)
		}
	}
	return name
}
