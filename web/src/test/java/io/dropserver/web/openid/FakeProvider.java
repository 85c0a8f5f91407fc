package io.dropserver.web.openid;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.crypto.MACSigner;
import com.nimbusds.jose.crypto.RSASSASigner;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jose.jwk.gen.RSAKeyGenerator;
import com.nimbusds.jwt.JWT;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.PlainJWT;
import com.nimbusds.jwt.SignedJWT;
import com.nimbusds.oauth2.sdk.util.URLUtils;
import io.dropserver.base.text.Sha256;
import io.dropserver.egress.gateway.GuardedFetch.Answer;
import io.dropserver.egress.gateway.GuardedFetch.Call;
import io.dropserver.schema.host.OpenIdSettings;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Date;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import tools.jackson.databind.json.JsonMapper;

/**
 * A provider in this process. It behaves correctly, with codes that are valid once and bound to
 * their PKCE challenge, until a test changes one of its answers.
 */
public final class FakeProvider implements ProviderConnection {
  public static final String CLIENT = "dropserver";
  private static final JsonMapper JSON = new JsonMapper();
  private static final AtomicInteger NUMBERS = new AtomicInteger();

  /** The first key of each issuer. It takes a second to make one. */
  private static final Map<String, RSAKey> FIRST_KEYS = new ConcurrentHashMap<>();

  /** Signs the claims of an ID token. */
  public interface Signer {
    JWT sign(JWTClaimsSet claims) throws JOSEException;
  }

  public final String issuer;

  /** Changes the description, the claims of ID tokens, and the answers for tokens and user info. */
  public volatile Consumer<Map<String, Object>> description = _ -> {};

  public volatile Consumer<JWTClaimsSet.Builder> idToken = _ -> {};
  public volatile Consumer<Map<String, Object>> tokenAnswer = _ -> {};
  public volatile Map<String, Object> userInfo = Map.of();
  public volatile Signer signer = this::signed;

  /** The provider's clock. */
  public volatile InstantSource time = InstantSource.system();

  /** Makes requests to a path fail. */
  public volatile Consumer<Call> fault = _ -> {};

  private final Map<String, List<Call>> calls = new ConcurrentHashMap<>();

  private final Map<String, Map<String, String>> codes = new ConcurrentHashMap<>();
  private volatile RSAKey key;

  public FakeProvider(String issuer) {
    this.issuer = issuer;
    this.key = FIRST_KEYS.computeIfAbsent(issuer, _ -> newKey());
  }

  public OpenIdSettings settings(String name) {
    return new OpenIdSettings(
        name, "Home", issuer, CLIENT, Optional.empty(), List.of("openid"), Optional.of("groups"));
  }

  public static RSAKey newKey() {
    try {
      return new RSAKeyGenerator(2048).keyID("key-" + NUMBERS.incrementAndGet()).generate();
    } catch (JOSEException e) {
      throw new IllegalStateException(e);
    }
  }

  public RSAKey key() {
    return key;
  }

  public void rotate() {
    key = newKey();
  }

  /** Returns the requests for a path. */
  public List<Call> calls(String path) {
    return calls.getOrDefault(path, List.of());
  }

  public int count(String path) {
    return calls(path).size();
  }

  /** Logs a person in, as if they had opened the URL, and returns the parameters of the answer. */
  public Map<String, String> authorize(URI url) {
    Map<String, String> request = new HashMap<>();
    URLUtils.parseParameters(url.getRawQuery())
        .forEach((name, values) -> request.put(name, values.getFirst()));
    String code = "code-" + NUMBERS.incrementAndGet();
    codes.put(code, request);
    Map<String, String> answer = new LinkedHashMap<>();
    answer.put("code", code);
    answer.put("state", request.getOrDefault("state", ""));
    answer.put("iss", issuer);
    return answer;
  }

  @Override
  public Answer send(Call call, int maxBytes, Duration deadline) throws IOException {
    String path = call.url().getPath();
    calls.computeIfAbsent(path, _ -> new CopyOnWriteArrayList<>()).add(call);
    try {
      fault.accept(call);
    } catch (IllegalStateException e) {
      throw new IOException(e.getMessage(), e);
    }
    return switch (path.substring(path.lastIndexOf('/'))) {
      case "/openid-configuration" -> json(200, metadata());
      case "/keys" -> json(200, new JWKSet(key).toJSONObject(true));
      case "/token" -> token(call);
      case "/userinfo" -> json(200, new HashMap<>(userInfo));
      default -> json(404, Map.of());
    };
  }

  private Map<String, Object> metadata() {
    Map<String, Object> metadata = new HashMap<>();
    metadata.put("issuer", issuer);
    metadata.put("authorization_endpoint", issuer + "/auth");
    metadata.put("token_endpoint", issuer + "/token");
    metadata.put("userinfo_endpoint", issuer + "/userinfo");
    metadata.put("jwks_uri", issuer + "/keys");
    metadata.put("response_types_supported", List.of("code"));
    metadata.put("subject_types_supported", List.of("public"));
    metadata.put("id_token_signing_alg_values_supported", List.of("RS256"));
    metadata.put("authorization_response_iss_parameter_supported", true);
    description.accept(metadata);
    return metadata;
  }

  private Answer token(Call call) {
    Map<String, List<String>> form = URLUtils.parseParameters(call.body());
    Map<String, String> request = codes.remove(one(form, "code"));
    String challenge =
        Base64.getUrlEncoder()
            .withoutPadding()
            .encodeToString(Sha256.of(one(form, "code_verifier")));
    if (request == null || !challenge.equals(request.get("code_challenge"))) {
      return json(400, Map.of("error", "invalid_grant"));
    }
    Instant now = Instant.now();
    JWTClaimsSet.Builder claims =
        new JWTClaimsSet.Builder()
            .issuer(issuer)
            .audience(CLIENT)
            .subject("1234")
            .issueTime(Date.from(now))
            .expirationTime(Date.from(now.plusSeconds(60)))
            .claim("nonce", request.get("nonce"))
            .claim("email", "alice@home.test")
            .claim("email_verified", true)
            .claim("groups", new ArrayList<>(List.of("family")));
    if (request.containsKey("max_age")) {
      claims.claim("auth_time", now.getEpochSecond());
    }
    idToken.accept(claims);
    try {
      Map<String, Object> answer = new HashMap<>();
      answer.put("access_token", "opaque");
      answer.put("token_type", "Bearer");
      answer.put("id_token", signer.sign(claims.build()).serialize());
      tokenAnswer.accept(answer);
      return json(200, answer);
    } catch (JOSEException e) {
      throw new IllegalStateException(e);
    }
  }

  private static String one(Map<String, List<String>> form, String name) {
    return String.join("", form.getOrDefault(name, List.of()));
  }

  private JWT signed(JWTClaimsSet claims) throws JOSEException {
    return signed(key, claims);
  }

  public static JWT signed(RSAKey key, JWTClaimsSet claims) throws JOSEException {
    SignedJWT token =
        new SignedJWT(
            new JWSHeader.Builder(JWSAlgorithm.RS256).keyID(key.getKeyID()).build(), claims);
    token.sign(new RSASSASigner(key));
    return token;
  }

  /** Signs with HMAC, whose key is the provider's public key. */
  public JWT signedWithPublicKey(JWTClaimsSet claims) throws JOSEException {
    SignedJWT token =
        new SignedJWT(
            new JWSHeader.Builder(JWSAlgorithm.HS256).keyID(key.getKeyID()).build(), claims);
    token.sign(new MACSigner(key.toRSAPublicKey().getEncoded()));
    return token;
  }

  public static JWT unsigned(JWTClaimsSet claims) {
    return new PlainJWT(claims);
  }

  private Answer json(int status, Map<String, ?> value) {
    return new Answer(
        status, "application/json", JSON.writeValueAsString(value), Optional.of(time.instant()));
  }
}
