package io.dropserver.web.identity;

import com.webauthn4j.data.attestation.statement.COSEAlgorithmIdentifier;
import io.dropserver.state.site.Person;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.json.JsonMapper;

/**
 * Creates the options that a page passes to {@code navigator.credentials}: JSON as in WebAuthn,
 * sections 5.4 and 5.5, with bytes as base64url. Thread-safe.
 *
 * <p>A passkey is the only factor, so the authenticator must verify its owner (with a PIN, a
 * fingerprint, …), and the passkey must be discoverable without a user name.
 */
final class PasskeyOptions {
  private static final JsonMapper MAPPER = JsonMapper.shared();
  private static final String KIND = "public-key";
  private static final String REQUIRED = "required";

  private PasskeyOptions() {}

  /**
   * Returns the options for a log-in with any passkey that the person selects.
   *
   * @param challenge base64url
   */
  static String forLogin(String challenge, Ceremony ceremony) {
    return MAPPER.writeValueAsString(
        Map.of(
            "challenge",
            challenge,
            "rpId",
            ceremony.domain(),
            "timeout",
            Challenges.LIFETIME.toMillis(),
            "userVerification",
            REQUIRED));
  }

  /**
   * Returns the options for creating a passkey.
   *
   * @param challenge base64url
   * @param handle the user handle, base64url
   * @param present credential ids of the user's passkeys; an authenticator that stores one of them
   *     refuses to create another
   */
  static String forCreation(
      String challenge, Ceremony ceremony, Person person, String handle, List<String> present) {
    return MAPPER.writeValueAsString(
        Map.of(
            "challenge",
            challenge,
            "rp",
            Map.of("id", ceremony.domain(), "name", ceremony.domain()),
            "user",
            Map.of("id", handle, "name", person.name(), "displayName", person.displayName()),
            "pubKeyCredParams",
            PasskeyVerifier.ALGORITHMS.stream().map(PasskeyOptions::algorithm).toList(),
            "timeout",
            Challenges.LIFETIME.toMillis(),
            "excludeCredentials",
            present.stream().map(id -> Map.of("type", KIND, "id", id)).toList(),
            "authenticatorSelection",
            Map.of(
                "residentKey", REQUIRED, "requireResidentKey", true, "userVerification", REQUIRED),
            "attestation",
            "none"));
  }

  private static Map<String, Object> algorithm(COSEAlgorithmIdentifier algorithm) {
    return Map.of("type", KIND, "alg", algorithm.getValue());
  }
}
