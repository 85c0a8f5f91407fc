package io.dropserver.egress.gateway;

import io.dropserver.egress.gateway.EgressApprovals.ApprovalState;
import io.dropserver.egress.gateway.EgressApprovals.Denied;
import io.dropserver.egress.gateway.EgressApprovals.PartlyApproved;
import io.dropserver.egress.gateway.EgressApprovals.PendingApproval;
import io.dropserver.egress.gateway.EgressApprovals.QueueFull;
import io.dropserver.egress.gateway.EgressApprovals.Unanswered;
import io.dropserver.egress.gateway.EgressLog.Outcome;
import io.dropserver.state.condition.ConditionType;

/**
 * A refusal that is sent to an app in place of a response. All refusals have the same form: a
 * status, a header by which the preload recognises them, and a sentence.
 *
 * @param header value of the {@code Dropserver-Egress} header
 * @param sentence without a final full stop or newline
 * @param note a detail that appears only in the log, such as the address that was not public
 */
record Refusal(int status, String header, String sentence, Outcome outcome, String note) {

  Refusal {
    // The sentence becomes a header, and parts of it may come from a destination.
    sentence = sentence.replaceAll("[^ -~]", "?");
  }

  static Refusal undecided(ApprovalState approvalState) {
    return switch (approvalState) {
      case PendingApproval(String id) ->
          new Refusal(
              403,
              "denied; request=" + id,
              "not whitelisted; request " + id + " is waiting for approval",
              Outcome.UNDECIDED,
              id);
      case Denied(String id) ->
          new Refusal(
              403,
              "denied; decided; request=" + id,
              "not whitelisted; the owner said no to request "
                  + id
                  + ", which holds until the whitelist says otherwise",
              Outcome.DENIED,
              id);
      case Unanswered(String id) ->
          new Refusal(
              403,
              "denied; unanswered; request=" + id,
              "not whitelisted; request "
                  + id
                  + " was closed without an answer; an operator can present it again",
              Outcome.UNDECIDED,
              id);
      case PartlyApproved(String id) ->
          new Refusal(
              403,
              "denied; decided; request=" + id,
              "not whitelisted; the owner has decided request " + id + " and did not allow this",
              Outcome.DENIED,
              id);
      case QueueFull() ->
          new Refusal(
              403,
              "denied; crowded",
              "not whitelisted; too many requests of this appspace are waiting already, so this"
                  + " request is only counted",
              Outcome.UNDECIDED,
              "crowded");
    };
  }

  static Refusal unknownMethod(String method) {
    return refused("method", "no whitelist can allow the method " + method, "method");
  }

  static Refusal decided() {
    return new Refusal(
        403,
        "denied; decided",
        "not whitelisted; the owner said no, which holds until the whitelist says otherwise",
        Outcome.DENIED,
        "");
  }

  private static Refusal refused(String reason, String sentence, String note) {
    return new Refusal(403, "refused; reason=" + reason, sentence, Outcome.REFUSED, note);
  }

  static Refusal malformed(String what) {
    return new Refusal(400, "refused; reason=malformed", what, Outcome.REFUSED, what);
  }

  static Refusal notPublic(String note) {
    return refused(
        "not-public",
        "not a public destination, and the operator of this server has not permitted it",
        note);
  }

  static Refusal ownName() {
    return refused(
        "own-name",
        "of this instance's own names, an app can reach only appspaces that its whitelist names",
        "");
  }

  static Refusal ownListener(String note) {
    return refused(
        "own-listener",
        "this server itself listens at this address, which no configuration can open",
        note);
  }

  static Refusal tunnel() {
    return refused(
        "tunnel",
        "tunnels are not allowed: only HTTP requests are, which the gateway can check by their"
            + " URL",
        "");
  }

  /** Refuses a connection without HTTP. {@code refusal.ts} contains the same sentence. */
  static Refusal raw() {
    return refused(
        "raw",
        "raw connections do not leave a sandbox: only HTTP and WebSocket requests do",
        "raw connection");
  }

  static Refusal secretMissing(String appspace, String name) {
    return refused(
        ConditionType.SECRET_MISSING.text(),
        "the secret " + name + " is not set; run: dropserver secret set " + appspace + " " + name,
        ConditionType.SECRET_MISSING.text());
  }

  static Refusal content(String what) {
    return refused("body", what, what);
  }

  static Refusal limit(String which) {
    return new Refusal(429, "refused; reason=limit", which, Outcome.REFUSED, "limit");
  }

  static Refusal unresolvable(String name) {
    return failed("the name " + name + " has no address", "DNS");
  }

  static Refusal failed(String what, String note) {
    return new Refusal(502, "failed", what, Outcome.FAILED, note);
  }

  static Refusal timeout(String what) {
    return new Refusal(504, "failed; reason=timeout", what, Outcome.FAILED, "timeout");
  }
}
