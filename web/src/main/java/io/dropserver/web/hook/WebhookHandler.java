package io.dropserver.web.hook;

import io.dropserver.web.client.ClientBody;
import io.dropserver.web.control.Control;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.crypto.Mac;
import org.eclipse.jetty.http.HttpException;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Handles {@code POST /hooks/NAME} on the shell's host. A delivery only makes the server check the
 * remote or a pull request earlier than it would anyway.
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
   * @param pulls receives the changes of pull requests
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
    Optional<String> given = Signature.given(hook.forge(), request.getHeaders());
    if (given.isEmpty()) {
      return unsigned(hook); // the body of an unauthenticated client is not read
    }
    try (ClientBody body = new ClientBody(request, MAX_BODY_BYTES, ClientBody.LONGEST)) {
      return answer(request, hook, given.get(), body);
    } catch (HttpException.RuntimeException e) {
      return new Answer(
          e.getCode(), e.getCode() == 413 ? "a delivery has at most 3 MiB" : e.getReason());
    } catch (IOException e) {
      return new Answer(400, "the body ends early");
    }
  }

  private static Answer unsigned(Hook hook) {
    LOG.warn("hook {}: a delivery without a valid signature was refused", hook.name());
    return new Answer(401, "the signature or token is not valid");
  }

  /**
   * Reads the body once without storing it: the signatures are computed and the values extracted
   * while it is streamed. The values are used only after the signature has been verified.
   */
  private Answer answer(Request request, Hook hook, String given, InputStream body)
      throws IOException {
    List<String> secrets = hook.secrets().get().stream().filter(each -> !each.isEmpty()).toList();
    boolean signed = Signature.coversBody(hook.forge());
    if (!signed && !Signature.matchesAny(given, secrets)) {
      return unsigned(hook);
    }
    Mac identity = Signature.mac("identity");
    List<Mac> macs = signed ? secrets.stream().map(Signature::mac).toList() : List.of();
    SignedBody streaming =
        new SignedBody(body, Stream.concat(macs.stream(), Stream.of(identity)).toList());
    Optional<Delivery> delivery = Optional.empty();
    String problem = "";
    try {
      delivery = Optional.of(Delivery.of(hook.forge(), request.getHeaders(), streaming.buffered()));
    } catch (IllegalArgumentException e) {
      problem = String.valueOf(e.getMessage());
    }
    streaming.finish();
    if (signed && !Signature.matchesAny(given, macs.stream().map(Signature::hex).toList())) {
      return unsigned(hook);
    }
    return delivery.isEmpty()
        ? new Answer(400, problem)
        : verified(hook, delivery.get(), Signature.hex(identity));
  }

  /**
   * @param hash of the body
   */
  private Answer verified(Hook hook, Delivery delivery, String hash) {
    boolean ours = delivery.ref().filter(("refs/heads/" + hook.branch())::equals).isPresent();
    if (!ours && delivery.pull().isEmpty()) {
      return new Answer(200, delivery.event().equals("ping") ? "pong" : "nothing to do");
    }
    if (!deliveries.firstTime(hook.name(), identity(hook, delivery, hash))) {
      return new Answer(200, "seen before");
    }
    if (ours) {
      control.poke();
    }
    delivery.pull().ifPresent(pulls);
    return new Answer(202, "looking");
  }

  /**
   * The identity of a delivery for detecting replays. A signature covers the body and not the
   * headers, so a replay could change the delivery's id. When the body is signed, its hash is the
   * identity.
   */
  private static String identity(Hook hook, Delivery delivery, String hash) {
    return Signature.coversBody(hook.forge()) ? hash : delivery.id().orElse(hash);
  }
}
