package io.dropserver.web.openid;

import java.net.URI;
import java.time.Instant;

/**
 * One attempt of one browser to log in at a provider. All secrets are unguessable and belong to
 * this attempt only.
 *
 * @param redirectUri where the provider sends the browser; different for each provider
 * @param verifier the secret of PKCE (RFC 7636): 43 characters of base64url
 * @param nonce ties the ID token to the attempt
 * @param again whether the person must authenticate now, even with a session at the provider
 */
public record LoginAttempt(
    URI redirectUri, String state, String verifier, String nonce, boolean again, Instant started) {}
