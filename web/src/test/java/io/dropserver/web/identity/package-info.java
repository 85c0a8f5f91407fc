@NullMarked
package io.dropserver.web.identity;

import org.jspecify.annotations.NullMarked;
