@NullMarked
package io.dropserver.cli.secret;

import org.jspecify.annotations.NullMarked;
