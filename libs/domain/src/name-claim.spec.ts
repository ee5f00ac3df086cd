import { describe, expect, it } from '@jest/globals';
import { streams, type EventOf } from '#contracts';
import { at, scenariosOf } from '../testing/scenario.js';
import { nameClaim } from './name-claim.js';

const given = scenariosOf(nameClaim, streams.nameClaim('blue', 'Agent', 'reviewer'));

const claimOf = (holder_id: string) => ({ project_id: 'blue', resource_kind: 'Agent', name: 'reviewer', holder_id }) as const;
const [first, second] = ['2QnBvYb4ZJk9eTfMhXgPcRsAdu1', '2QnBvYb4ZJk9eTfMhXgPcRsAdu2'].map(claimOf) as [
  ReturnType<typeof claimOf>,
  ReturnType<typeof claimOf>,
];
const claimed: EventOf<'NameClaimed'> = { type: 'NameClaimed', payload: first };
const released: EventOf<'NameReleased'> = { type: 'NameReleased', payload: first };

describe('claiming a name', () => {
  it('gives a free name', () => {
    given().when({ type: 'ClaimName', claim: first, holder_gone: false }).thenEvents(claimed);
    expect(given(claimed).state).toEqual({ holder_id: first.holder_id, claimed_at: at(0) });
  });

  it('decides nothing for the one who holds it', () => {
    given(claimed).when({ type: 'ClaimName', claim: first, holder_gone: false }).thenNothing();
    given(claimed).when({ type: 'ClaimName', claim: first, holder_gone: true }).thenNothing();
  });

  it('is a conflict while another holds it', () => {
    given(claimed)
      .when({ type: 'ClaimName', claim: second, holder_gone: false })
      .thenRejected('conflict', /name "reviewer" is taken in project blue/);
  });

  it('takes it over from a holder that is known not to exist', () => {
    given(claimed)
      .when({ type: 'ClaimName', claim: second, holder_gone: true })
      .thenEvents({ type: 'NameClaimed', payload: second });
  });

  it('gives it again once it was released', () => {
    given(claimed, released)
      .when({ type: 'ClaimName', claim: second, holder_gone: false })
      .thenEvents({ type: 'NameClaimed', payload: second });
  });
});

describe('releasing a name', () => {
  const release = { type: 'ReleaseName', claim: first } as const;

  it('frees it', () => {
    given(claimed).when(release).thenEvents(released);
    expect(given(claimed, released).state).toEqual({});
  });

  it('decides nothing the second time, nor for a name that is free', () => {
    given(claimed).when(release, release).thenNothing();
    given().when(release).thenNothing();
  });

  it('decides nothing when another holds it', () => {
    given(claimed).when({ type: 'ReleaseName', claim: second }).thenNothing();
  });
});
