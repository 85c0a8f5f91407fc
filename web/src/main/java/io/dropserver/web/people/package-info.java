/** The host API for apps: the members of an appspace, and messages to them. */
@NullMarked
package io.dropserver.web.people;

import org.jspecify.annotations.NullMarked;
