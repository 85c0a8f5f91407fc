package io.dropserver.web.hook;

import io.dropserver.control.Control;
import io.dropserver.control.PullRequestEvent;
import io.dropserver.web.client.ClientBody;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
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
 * Handles {@code POST /hooks/NAME} on the shell's host. A delivery only triggers a check of the
 * remote or of a pull request. Thread-safe.
 */
public final class WebhookHandler implements Request.Handler {
  static final int MAX_BODY_BYTES = 3 << 20;
  private static final String PREFIX = "/hooks/";
  private static final Logger LOG = LoggerFactory.getLogger(WebhookHandler.class);

  private final Map<String, WebhookEndpoint> hooks;
  private final DeliveryLog deliveries;
  private final Control control;
  private final Consumer<PullRequestEvent> onPullRequest;

  /**
   * @param pulls receives the changes of pull requests
   */
  public WebhookHandler(
      List<WebhookEndpoint> hooks,
      DeliveryLog deliveries,
      Control control,
      Consumer<PullRequestEvent> pulls) {
    this.hooks =
        hooks.stream()
            .collect(Collectors.toUnmodifiableMap(WebhookEndpoint::name, Function.identity()));
    this.deliveries = deliveries;
    this.control = control;
    this.onPullRequest = pulls;
  }

  @Override
  public boolean handle(Request request, Response response, Callback callback) {
    String path = request.getHttpURI().getPath();
    if (!path.startsWith(PREFIX)) {
      return false;
    }
    HookResponse hookResponse = hookResponse(request, hooks.get(path.substring(PREFIX.length())));
    response.setStatus(hookResponse.status());
    response.getHeaders().put(HttpHeader.CONTENT_TYPE, "text/plain; charset=utf-8");
    if (hookResponse.status() == 405) {
      response.getHeaders().put(HttpHeader.ALLOW, "POST");
    }
    if (hookResponse.status() >= 400) {
      // The body may be unread. The client must not send its next delivery on this connection.
      response.getHeaders().put(HttpHeader.CONNECTION, "close");
    }
    Content.Sink.write(response, true, hookResponse.text() + "\n", callback);
    return true;
  }

  private record HookResponse(int status, String text) {}

  private HookResponse hookResponse(
      Request request, @org.jspecify.annotations.Nullable WebhookEndpoint webhookEndpoint) {
    if (webhookEndpoint == null) {
      return new HookResponse(404, "this webhook does not exist");
    }
    if (!request.getMethod().equals("POST")) {
      return new HookResponse(405, "send deliveries with POST");
    }
    Optional<String> given = Signature.fromHeaders(webhookEndpoint.forge(), request.getHeaders());
    if (given.isEmpty()) {
      return refuseUnsigned(webhookEndpoint); // the body of an unauthenticated client is not read
    }
    try (ClientBody body = new ClientBody(request, MAX_BODY_BYTES, ClientBody.TIME_LIMIT)) {
      return hookResponse(request, webhookEndpoint, given.get(), body);
    } catch (HttpException.RuntimeException e) {
      return new HookResponse(
          e.getCode(), e.getCode() == 413 ? "a delivery has at most 3 MiB" : e.getReason());
    } catch (IOException e) {
      return new HookResponse(400, "the body is incomplete");
    }
  }

  private static HookResponse refuseUnsigned(WebhookEndpoint webhookEndpoint) {
    LOG.warn(
        "hook {}: refused a delivery without a valid signature or token", webhookEndpoint.name());
    return new HookResponse(401, "the signature or token is not valid");
  }

  /**
   * Reads the body once without storing it: the signatures are computed and the values extracted
   * while it is streamed. The values are used only after the signature has been verified.
   */
  private HookResponse hookResponse(
      Request request, WebhookEndpoint webhookEndpoint, String given, InputStream body)
      throws IOException {
    List<String> secrets =
        webhookEndpoint.secrets().get().stream().filter(each -> !each.isEmpty()).toList();
    boolean signed = Signature.coversBody(webhookEndpoint.forge());
    if (!signed && !Signature.matchesAny(given, secrets)) {
      return refuseUnsigned(webhookEndpoint);
    }
    Mac identity = Signature.mac("identity");
    List<Mac> macs = signed ? secrets.stream().map(Signature::mac).toList() : List.of();
    SignedBody streaming =
        new SignedBody(body, Stream.concat(macs.stream(), Stream.of(identity)).toList());
    Optional<Delivery> delivery = Optional.empty();
    String problem = "";
    try {
      delivery =
          Optional.of(
              Delivery.of(
                  webhookEndpoint.forge(),
                  request.getHeaders(),
                  new BufferedInputStream(streaming)));
    } catch (IllegalArgumentException e) {
      problem = String.valueOf(e.getMessage());
    }
    streaming.transferTo(OutputStream.nullOutputStream()); // the MACs cover the whole body
    if (signed && !Signature.matchesAny(given, macs.stream().map(Signature::hex).toList())) {
      return refuseUnsigned(webhookEndpoint);
    }
    return delivery.isEmpty()
        ? new HookResponse(400, problem)
        : verified(webhookEndpoint, delivery.get(), Signature.hex(identity));
  }

  /**
   * @param hash a MAC of the body under a constant key
   */
  private HookResponse verified(WebhookEndpoint webhookEndpoint, Delivery delivery, String hash) {
    boolean ours =
        delivery.ref().filter(("refs/heads/" + webhookEndpoint.branch())::equals).isPresent();
    if (!ours && delivery.pull().isEmpty()) {
      return new HookResponse(200, delivery.event().equals("ping") ? "pong" : "nothing to do");
    }
    if (!deliveries.recordIfNew(
        webhookEndpoint.name(), identity(webhookEndpoint, delivery, hash))) {
      return new HookResponse(200, "already received");
    }
    if (ours) {
      control.poke();
    }
    delivery.pull().ifPresent(onPullRequest);
    return new HookResponse(202, "looking");
  }

  /**
   * Returns the key by which replays are detected. A signature does not cover the headers, so a
   * replay could have another delivery id. Therefore the key of a signed body is its hash.
   */
  private static String identity(WebhookEndpoint webhookEndpoint, Delivery delivery, String hash) {
    return Signature.coversBody(webhookEndpoint.forge()) ? hash : delivery.id().orElse(hash);
  }
}
