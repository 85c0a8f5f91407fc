package io.dropserver.web.identity;

import com.webauthn4j.WebAuthnManager;
import com.webauthn4j.converter.AttestedCredentialDataConverter;
import com.webauthn4j.converter.util.ObjectConverter;
import com.webauthn4j.credential.CredentialRecordImpl;
import com.webauthn4j.data.AuthenticationData;
import com.webauthn4j.data.AuthenticationParameters;
import com.webauthn4j.data.AuthenticationRequest;
import com.webauthn4j.data.PublicKeyCredentialParameters;
import com.webauthn4j.data.PublicKeyCredentialType;
import com.webauthn4j.data.RegistrationData;
import com.webauthn4j.data.RegistrationParameters;
import com.webauthn4j.data.RegistrationRequest;
import com.webauthn4j.data.attestation.authenticator.AttestedCredentialData;
import com.webauthn4j.data.attestation.authenticator.AuthenticatorData;
import com.webauthn4j.data.attestation.statement.COSEAlgorithmIdentifier;
import com.webauthn4j.data.client.CollectedClientData;
import com.webauthn4j.data.client.Origin;
import com.webauthn4j.data.client.challenge.DefaultChallenge;
import com.webauthn4j.server.ServerProperty;
import com.webauthn4j.verifier.exception.MaliciousCounterValueException;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Verifies the responses of authenticators according to WebAuthn, sections 7.1 and 7.2, with
 * webauthn4j. Attestation statements are not verified, so every model of authenticator is accepted.
 * Thread-safe.
 */
record PasskeyVerifier(Challenges challenges) {
  private static final Logger LOG = LoggerFactory.getLogger(PasskeyVerifier.class);

  /** The accepted signature algorithms, in order of preference. */
  static final List<COSEAlgorithmIdentifier> ALGORITHMS =
      List.of(
          COSEAlgorithmIdentifier.ES256,
          COSEAlgorithmIdentifier.EdDSA,
          COSEAlgorithmIdentifier.RS256);

  private static final List<PublicKeyCredentialParameters> KEYS =
      ALGORITHMS.stream()
          .map(alg -> new PublicKeyCredentialParameters(PublicKeyCredentialType.PUBLIC_KEY, alg))
          .toList();

  /** Loads webauthn4j with the first passkey, because loading it would delay the server's start. */
  private static final class Library {
    static final ObjectConverter CONVERTER = new ObjectConverter();
    static final WebAuthnManager MANAGER =
        WebAuthnManager.createNonStrictWebAuthnManager(CONVERTER);
    static final AttestedCredentialDataConverter ATTESTED =
        new AttestedCredentialDataConverter(CONVERTER);
  }

  /**
   * A new passkey.
   *
   * @param id the credential id, base64url
   * @param attested the attested credential data with the public key and the model, base64url
   */
  record NewPasskey(String id, String attested, long signCount, boolean backupEligible) {}

  /** The result of verifying an assertion. */
  sealed interface AssertionResult {}

  /** The passkey signed the challenge. */
  record ValidAssertion(long signCount) implements AssertionResult {}

  /**
   * The signature is valid, but the counter decreased, which indicates a copy (WebAuthn, 6.1.1).
   */
  record CounterDecreased() implements AssertionResult {}

  record InvalidAssertion() implements AssertionResult {}

  /**
   * Verifies a new passkey.
   *
   * @param form {@code attestation} and {@code client}, base64url
   * @return empty when the response does not belong to this ceremony
   */
  Optional<NewPasskey> verifyRegistration(Form form, Ceremony ceremony) {
    try {
      RegistrationData data =
          Library.MANAGER.parse(
              new RegistrationRequest(
                  RandomSecret.decoded(form.get("attestation")),
                  RandomSecret.decoded(form.get("client"))));
      byte[] challenge = challenge(data.getCollectedClientData(), ceremony);
      Library.MANAGER.verify(
          data, new RegistrationParameters(serverProperty(ceremony, challenge), KEYS, true, true));
      if (!challenges.consume(challenge, ceremony.purpose())) {
        return Optional.empty();
      }
      AuthenticatorData<?> made =
          Objects.requireNonNull(data.getAttestationObject()).getAuthenticatorData();
      AttestedCredentialData attested = Objects.requireNonNull(made.getAttestedCredentialData());
      return Optional.of(
          new NewPasskey(
              RandomSecret.encoded(attested.getCredentialId()),
              RandomSecret.encoded(Library.ATTESTED.convert(attested)),
              made.getSignCount(),
              made.isFlagBE()));
    } catch (RuntimeException e) {
      logRefusal(e);
      return Optional.empty();
    }
  }

  /**
   * Verifies an assertion.
   *
   * @param form {@code authenticator}, {@code client} and {@code signature}, base64url
   * @param passkey the stored passkey that the response names
   */
  AssertionResult verifyAssertion(
      Form form, PasskeyStore.StoredPasskey passkey, Ceremony ceremony) {
    try {
      AuthenticationData data =
          Library.MANAGER.parse(
              new AuthenticationRequest(
                  RandomSecret.decoded(passkey.id()),
                  RandomSecret.decoded(form.get("authenticator")),
                  RandomSecret.decoded(form.get("client")),
                  RandomSecret.decoded(form.get("signature"))));
      byte[] challenge = challenge(data.getCollectedClientData(), ceremony);
      CredentialRecordImpl record =
          new CredentialRecordImpl(
              null,
              true,
              passkey.backupEligible(),
              null,
              passkey.signCount(),
              Library.ATTESTED.convert(RandomSecret.decoded(passkey.attested())),
              null,
              null,
              null,
              null);
      Library.MANAGER.verify(
          data,
          new AuthenticationParameters(
              serverProperty(ceremony, challenge), record, null, true, true));
      long count = Objects.requireNonNull(data.getAuthenticatorData()).getSignCount();
      return challenges.consume(challenge, passkey.id())
          ? new ValidAssertion(count)
          : new InvalidAssertion();
    } catch (MaliciousCounterValueException e) {
      return new CounterDecreased();
    } catch (RuntimeException e) {
      logRefusal(e);
      return new InvalidAssertion();
    }
  }

  /**
   * Returns the challenge that the authenticator signed.
   *
   * @throws IllegalArgumentException when it was not issued to this browser for this purpose
   */
  private byte[] challenge(@Nullable CollectedClientData client, Ceremony ceremony) {
    byte[] challenge = Objects.requireNonNull(client).getChallenge().getValue();
    if (!challenges.isValid(challenge, ceremony.purpose(), ceremony.browser())) {
      throw new IllegalArgumentException(
          "the challenge is not from this browser, or it has expired");
    }
    return challenge;
  }

  /** Sets no top origin, so that no page can use the shell's passkeys from inside a frame. */
  private static ServerProperty serverProperty(Ceremony ceremony, byte[] challenge) {
    return ServerProperty.builder()
        .origin(Origin.create(ceremony.shell().toString()))
        .rpId(ceremony.domain())
        .challenge(new DefaultChallenge(challenge))
        .build();
  }

  /** Logs the failure without its message, which quotes client input. */
  private static void logRefusal(RuntimeException e) {
    LOG.debug("refused the response of a passkey: {}", e.getClass().getSimpleName());
  }
}
