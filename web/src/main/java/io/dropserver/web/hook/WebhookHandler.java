package io.dropserver.web.hook;

import io.dropserver.web.control.Control;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * {@code POST /hooks/NAME} on the shell's host. A delivery can do nothing but make the server look
 * at its remote, or at a pull request, now, which it does anyway, only later.
 */
public final class WebhookHandler implements Request.Handler {
  static final int MAX_BODY_BYTES = 3 << 20;
  private static final String PREFIX = "/hooks/";
  private static final Logger LOG = LoggerFactory.getLogger(WebhookHandler.class);

  private final Map<String, Hook> hooks;
  private final DeliveryLog deliveries;
  private final Control control;
  private final Consumer<PullRequestNews> pulls;

  /**
   * @param pulls told of what became of pull requests
   */
  public WebhookHandler(
      List<Hook> hooks, DeliveryLog deliveries, Control control, Consumer<PullRequestNews> pulls) {
    this.hooks =
        hooks.stream().collect(Collectors.toUnmodifiableMap(Hook::name, Function.identity()));
    this.deliveries = deliveries;
    this.control = control;
    this.pulls = pulls;
  }

  @Override
  public boolean handle(Request request, Response response, Callback callback) {
    String path = request.getHttpURI().getPath();
    if (!path.startsWith(PREFIX)) {
      return false;
    }
    Answer answer = answer(request, hooks.get(path.substring(PREFIX.length())));
    response.setStatus(answer.status());
    response.getHeaders().put(HttpHeader.CONTENT_TYPE, "text/plain; charset=utf-8");
    if (answer.status() == 405) {
      response.getHeaders().put(HttpHeader.ALLOW, "POST");
    }
    Content.Sink.write(response, true, answer.text() + "\n", callback);
    return true;
  }

  private record Answer(int status, String text) {}

  private Answer answer(Request request, @org.jspecify.annotations.Nullable Hook hook) {
    if (hook == null) {
      return new Answer(404, "there is no such hook");
    }
    if (!request.getMethod().equals("POST")) {
      return new Answer(405, "POST a delivery here");
    }
    if (request.getHeaders().getLongField(HttpHeader.CONTENT_LENGTH) > MAX_BODY_BYTES) {
      return new Answer(413, "a delivery has at most 3 MiB");
    }
    byte[] body;
    try (InputStream in = Request.asInputStream(request)) {
      body = in.readNBytes(MAX_BODY_BYTES + 1);
    } catch (IOException e) {
      return new Answer(400, "the body ends early");
    }
    if (body.length > MAX_BODY_BYTES) {
      return new Answer(413, "a delivery has at most 3 MiB");
    }
    return verified(request, hook, body);
  }

  private Answer verified(Request request, Hook hook, byte[] body) {
    if (!Signature.valid(hook.forge(), request.getHeaders(), body, hook.secrets().get())) {
      LOG.warn("hook {}: a delivery without a valid signature was refused", hook.name());
      return new Answer(401, "the signature or token is not valid");
    }
    Delivery delivery;
    try {
      delivery = Delivery.of(hook.forge(), request.getHeaders(), body);
    } catch (IllegalArgumentException e) {
      return new Answer(400, String.valueOf(e.getMessage()));
    }
    boolean ours = delivery.ref().filter(("refs/heads/" + hook.branch())::equals).isPresent();
    if (!ours && delivery.pull().isEmpty()) {
      return new Answer(200, delivery.event().equals("ping") ? "pong" : "nothing to do");
    }
    if (!deliveries.firstTime(hook.name(), identity(hook, delivery, body))) {
      return new Answer(200, "seen before");
    }
    if (ours) {
      control.poke();
    }
    delivery.pull().ifPresent(pulls);
    return new Answer(202, "looking");
  }

  /**
   * A signature covers the body and not the headers: whoever replays a delivery may change its id.
   * So where the body is signed, its signature is the identity.
   */
  private static String identity(Hook hook, Delivery delivery, byte[] body) {
    return switch (hook.forge()) {
      case GITHUB, GITEA, FORGEJO -> Signature.hmac(body, "identity");
      case GITLAB, NONE -> delivery.id().orElseGet(() -> Signature.hmac(body, "identity"));
    };
  }
}
