package io.dropserver.egress.gateway;

import io.dropserver.base.http1.BodyReader;
import io.dropserver.base.http1.RequestHead;
import io.dropserver.egress.Destination;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One call of the {@link HostApi}: reads the bounded body, and writes the answer. */
record HostCall(
    HostApi hostApi,
    EgressAccount account,
    BufferedConnection app,
    RequestHead request,
    ExchangeResult result) {
  private static final Logger LOG = LoggerFactory.getLogger(HostCall.class);

  /** The maximum length of a body, in bytes. */
  static final int MAX_BODY = 16 << 10;

  /** How long an app may take to send the body. */
  private static final Duration BODY_TIME = Duration.ofSeconds(10);

  /** The note in the log of requests. */
  private static final String NOTE = "host";

  /**
   * Answers the call.
   *
   * @return whether another request may follow on the connection
   * @throws RefusedException when the body is too long, too slow, or not UTF-8
   */
  boolean run(Destination destination) throws IOException, RefusedException {
    String body = body();
    HostApi.Answer answer =
        destination.query().isPresent()
            ? new HostApi.Answer(404, "{\"error\":\"the host API has no queries\"}")
            : answer(new HostApi.Call(request.method(), destination.path(), body));
    byte[] json = answer.json().getBytes(StandardCharsets.UTF_8);
    long _ = account.chargeBytes(json.length); // no pause: the caller already waited
    boolean persistent = !request.closesConnection();
    result.status = answer.status();
    result.outcome = EgressLog.Outcome.ALLOWED;
    result.note = NOTE;
    result.received.addAndGet(json.length);
    new AppResponseWriter(app).writeJson(answer.status(), json, request.method(), persistent);
    return persistent;
  }

  /** Answers even if the host fails, for example on a full disk, so that the app can report it. */
  private HostApi.Answer answer(HostApi.Call call) {
    try {
      return hostApi.answer(account.appspace(), call);
    } catch (RuntimeException e) {
      LOG.warn("the host API cannot answer a call of {}", account.appspace(), e);
      return new HostApi.Answer(
          500, "{\"error\":\"the host failed; its log says why; try again later\"}");
    }
  }

  private String body() throws IOException, RefusedException {
    if (request.body().isEmpty()) {
      return "";
    }
    if (request.body().length() > MAX_BODY) {
      throw new RefusedException(tooLong());
    }
    if (request.expectsContinue()) {
      new AppResponseWriter(app).writeContinue();
    }
    app.setIdleTimeout(BODY_TIME);
    long end = System.nanoTime() + BODY_TIME.toNanos();
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    BodyReader reader = new BodyReader(app, request.body());
    while (!reader.isComplete()) {
      ByteBuffer piece = reader.next();
      if (all.size() + piece.remaining() > MAX_BODY) {
        throw new RefusedException(tooLong());
      }
      if (System.nanoTime() - end > 0) {
        throw new RefusedException(Refusal.timeout("the body did not arrive in time"));
      }
      byte[] bytes = new byte[piece.remaining()];
      piece.get(bytes);
      all.writeBytes(bytes);
    }
    result.sent.addAndGet(all.size());
    long _ = account.chargeBytes(all.size()); // no pause: the caller already waited
    return text(all.toByteArray());
  }

  private static String text(byte[] body) throws RefusedException {
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(body)).toString();
    } catch (CharacterCodingException e) {
      throw new RefusedException(Refusal.malformed("the body is not UTF-8"));
    }
  }

  private static Refusal tooLong() {
    String sentence = "a call of the host API has a body of at most " + MAX_BODY + " bytes";
    return new Refusal(
        413, "refused; reason=body", sentence, EgressLog.Outcome.REFUSED, "body too long");
  }
}
