/**
 * Authenticates people at OpenID Connect providers: discovery, the authorization code flow, and the
 * checks of its answers. The package knows neither sessions nor pages.
 */
@NullMarked
package io.dropserver.web.openid;

import org.jspecify.annotations.NullMarked;
